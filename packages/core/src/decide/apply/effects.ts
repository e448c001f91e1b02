import type { SessionFact } from "../../model/fact.ts";
import { type Draft, type FactOf, note, patch } from "../draft.ts";
import { moveBase, retargetFailed } from "../lifecycle/base.ts";
import { finishFollow, refuseFollow } from "../lifecycle/branch.ts";
import { finishRemoval, finishStop, removalFailed, stopFailed } from "../lifecycle/stop.ts";
import { finishTakeOver } from "../lifecycle/take-over.ts";
import { failMessage } from "../messages.ts";

export function applyEffectFact(draft: Draft, fact: SessionFact): void {
  switch (fact.kind) {
    case "stopped":
      finishStop(draft, fact.at);
      return;
    case "removed":
      finishRemoval(draft, fact);
      return;
    case "merged":
      applyMerged(draft, fact);
      return;
    case "branch-followed":
      finishFollow(draft, fact);
      return;
    case "pr-taken":
      finishTakeOver(draft, fact);
      return;
    case "base-merged":
      moveBase(draft, fact);
      return;
    case "branch-refused":
      refuseFollow(draft, fact.reason);
      return;
    case "effect-failed":
      applyFailure(draft, fact);
      return;
    default:
  }
}

function applyMerged(draft: Draft, fact: FactOf<"merged">): void {
  const { pr, merging, mergedBy } = draft.record;
  if (pr !== null) patch(draft, { pr: { ...pr, state: "merged", mergedAt: pr.mergedAt ?? fact.at } });
  const by = merging?.isAuto === true ? "ao" : "user";
  patch(draft, { merging: null, mergeFailure: null, mergedBy: mergedBy ?? by });
}

function applyFailure(draft: Draft, fact: FactOf<"effect-failed">): void {
  const { action, failure, key, at } = fact;
  const { merging, prAskedFor } = draft.record;
  switch (action) {
    case "stop":
      stopFailed(draft, failure.message);
      return;
    case "remove":
      removalFailed(draft, failure.message, at);
      return;
    case "merge":
      if (merging) patch(draft, { mergeFailure: { headSha: merging.headSha, reason: failure.message, at } });
      patch(draft, { merging: null });
      return;
    case "open-pr":
      note(draft, `No pull request could be opened: ${failure.message}`);
      patch(draft, { prFailure: { headSha: prAskedFor ?? "", reason: failure.message, at } });
      return;
    case "retarget":
      retargetFailed(draft, failure.message);
      return;
    case "follow-branch":
      refuseFollow(draft, failure.message);
      return;
    case "deliver":
      failMessage(draft, key.replace(/^deliver:/, ""), failure);
      return;
    case "answer":
      // Whoever answered has been told.
      return;
    default:
      // start reports itself with `start-failed`; the others hurt nothing but are not kept quiet.
      note(draft, `${action} failed: ${failure.message}`);
      return;
  }
}

import type { SessionFact } from "../../model/fact.ts";
import { at } from "../../model/time.ts";
import { finishReply, replyFailed } from "../asks.ts";
import { type Draft, type FactOf, note, patch } from "../draft.ts";
import { moveBase, retargetFailed } from "../lifecycle/base.ts";
import { finishFollow, refuseFollow } from "../lifecycle/branch.ts";
import { claimFailed } from "../lifecycle/claim.ts";
import { closeFailed } from "../lifecycle/close.ts";
import { enterQueue } from "../lifecycle/merge-queue.ts";
import { finishReady, readyFailed } from "../lifecycle/ready.ts";
import { rerunFailed } from "../lifecycle/reruns.ts";
import { stageFailed } from "../lifecycle/stage.ts";
import { finishRemoval, finishStop, removalFailed, stopFailed } from "../lifecycle/stop.ts";
import { finishTakeOver } from "../lifecycle/take-over.ts";
import { tryAgainAt } from "../lifecycle/try-again.ts";
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
    case "replied":
      finishReply(draft, fact.commentId);
      return;
    case "pr-ready":
      finishReady(draft, fact);
      return;
    case "merge-queued":
      enterQueue(draft, fact.headSha);
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
  const { action, failure, key } = fact;
  switch (action) {
    case "stop":
      stopFailed(draft, failure.message);
      return;
    case "remove":
      removalFailed(draft, failure.message, fact.at);
      return;
    case "merge":
      mergeFailed(draft, fact);
      return;
    case "open-pr":
      prFailed(draft, fact);
      return;
    case "reply":
      replyFailed(draft, fact);
      return;
    case "mark-ready":
      readyFailed(draft, fact);
      return;
    case "retarget":
      retargetFailed(draft, fact);
      return;
    case "follow-branch":
      refuseFollow(draft, failure.message);
      return;
    case "rerun":
      rerunFailed(draft, failure.message);
      return;
    case "claim-issue":
      claimFailed(draft, fact);
      return;
    case "close-issue":
      closeFailed(draft, fact);
      return;
    case "stage-issue":
      stageFailed(draft, fact);
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

function prFailed(draft: Draft, { failure, at: when }: FactOf<"effect-failed">): void {
  const { prAskedFor, prFailure } = draft.record;
  const headSha = prAskedFor ?? "";
  const attempts = (prFailure?.headSha === headSha ? (prFailure.attempts ?? 1) : 0) + 1;
  const retryAt = tryAgainAt(failure, attempts, at(when));
  if (attempts === 1 || retryAt === null) note(draft, `No pull request could be opened: ${failure.message}`);
  patch(draft, { prFailure: { headSha, reason: failure.message, at: when, attempts, retryAt } });
}

function mergeFailed(draft: Draft, { failure, at: when }: FactOf<"effect-failed">): void {
  const { merging } = draft.record;
  if (!merging) return;
  const attempts = (merging.attempts ?? 0) + 1;
  const retryAt = merging.isAuto ? tryAgainAt(failure, attempts, at(when)) : null;
  const { headSha } = merging;
  patch(draft, { merging: null, mergeFailure: { headSha, reason: failure.message, at: when, attempts, retryAt } });
}

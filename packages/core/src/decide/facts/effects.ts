import type { ActionKind } from "../../model/action.ts";
import { at } from "../../model/time.ts";
import { replyFailed } from "../asks.ts";
import { type Draft, type FactOf, note, patch } from "../draft.ts";
import { retargetFailed } from "../lifecycle/base.ts";
import { refuseFollow } from "../lifecycle/branch.ts";
import { claimFailed } from "../lifecycle/claim.ts";
import { closeFailed } from "../lifecycle/close.ts";
import { readyFailed } from "../lifecycle/ready.ts";
import { rerunFailed } from "../lifecycle/reruns.ts";
import { stageFailed } from "../lifecycle/stage.ts";
import { removalFailed, stopFailed } from "../lifecycle/stop.ts";
import { tryAgainAt } from "../lifecycle/try-again.ts";
import { failMessage } from "../messages.ts";

export function applyMerged(draft: Draft, fact: FactOf<"merged">): void {
  const { snapshot: pr, merging, mergedBy } = draft.record.pr;
  if (pr !== null) patch(draft, { pr: { snapshot: { ...pr, state: "merged", mergedAt: pr.mergedAt ?? fact.at } } });
  const by = merging?.isAuto === true ? "ao" : "user";
  patch(draft, { pr: { merging: null, mergeFailure: null, mergedBy: mergedBy ?? by } });
}

type OnFailure = (draft: Draft, fact: FactOf<"effect-failed">) => void;

/** Nothing else hurts, but it is not kept quiet. */
const tellFailure: OnFailure = (draft, { action, failure }) => note(draft, `${action} failed: ${failure.message}`);
const silent: OnFailure = () => undefined;

/** What the failure of each action means for its session. */
const FAILURES: Record<ActionKind, OnFailure> = {
  stop: (draft, { failure }) => stopFailed(draft, failure.message),
  remove: (draft, { failure, at: when }) => removalFailed(draft, failure.message, when),
  merge: mergeFailed,
  "open-pr": prFailed,
  reply: replyFailed,
  "mark-ready": readyFailed,
  retarget: retargetFailed,
  "follow-branch": (draft, { failure }) => refuseFollow(draft, failure.message),
  rerun: (draft, { failure }) => rerunFailed(draft, failure.message),
  "claim-issue": claimFailed,
  "close-issue": closeFailed,
  "stage-issue": stageFailed,
  deliver: (draft, { key, failure }) => failMessage(draft, key.replace(/^deliver:/, ""), failure),
  // Whoever answered has been told.
  answer: silent,
  // It reports itself with `start-failed`.
  start: tellFailure,
  interrupt: tellFailure,
  "take-pr": tellFailure,
  notify: tellFailure,
  tell: tellFailure,
};

export const applyFailure: OnFailure = (draft, fact) => FAILURES[fact.action](draft, fact);

function prFailed(draft: Draft, { failure, at: when }: FactOf<"effect-failed">): void {
  const { askedFor: prAskedFor, openFailure: prFailure } = draft.record.pr;
  const headSha = prAskedFor ?? "";
  const attempts = (prFailure?.headSha === headSha ? (prFailure.attempts ?? 1) : 0) + 1;
  const retryAt = tryAgainAt(failure, attempts, at(when));
  if (attempts === 1 || retryAt === null) note(draft, `No pull request could be opened: ${failure.message}`);
  patch(draft, { pr: { openFailure: { headSha, reason: failure.message, at: when, attempts, retryAt } } });
}

function mergeFailed(draft: Draft, { failure, at: when }: FactOf<"effect-failed">): void {
  const { merging } = draft.record.pr;
  if (!merging) return;
  const attempts = (merging.attempts ?? 0) + 1;
  const retryAt = merging.isAuto ? tryAgainAt(failure, attempts, at(when)) : null;
  const { headSha } = merging;
  patch(draft, {
    pr: { merging: null, mergeFailure: { headSha, reason: failure.message, at: when, attempts, retryAt } },
  });
}

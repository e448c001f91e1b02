import type { Policy } from "../../model/policy.ts";
import type { ScmFailure } from "../../model/pull-request.ts";
import type { SessionRecord } from "../../model/session.ts";
import { at } from "../../model/time.ts";
import { ciOf } from "../ci.ts";
import { act, type Draft, type FactOf, isOver as hasPassed, patch } from "../draft.ts";
import { isOver } from "../facts-of.ts";
import { tryAgainAt } from "./try-again.ts";

/** Whether the daemon marks its draft as ready by itself. One that was taken over is a draft for somebody else's reasons. */
export function isReadySoon(
  { pr: { snapshot: pr, wasReady, taken: takenPr } }: SessionRecord,
  { draft }: Pick<Policy, "draft">,
): boolean {
  if (draft !== "until-green" || pr?.state !== "draft") return false;
  return wasReady !== pr.info.number && takenPr?.info.number !== pr.info.number;
}

/** `draft: until-green`: the checks of a draft have passed, so that it may be reviewed. Once for each pull request. */
export function markReadyWhenGreen(draft: Draft): void {
  const { record, ctx } = draft;
  const { snapshot: pr, readying, readyFailure } = record.pr;
  if (pr === null || ctx.policy.draft !== "until-green" || isOver(record) || record.launch.stopping) return;
  const { number } = pr.info;
  if (pr.state === "open") patch(draft, { pr: { wasReady: number, readying: null, readyFailure: null } });
  if (!isReadySoon(record, ctx.policy) || readying === number) return;
  const { ci } = ciOf(record, ctx);
  const isPaused = ctx.policy.isPaused || record.isPaused;
  if (isPaused || ci === "pending" || ci === "failing") return;
  if (readyFailure?.pr === number && !isDueAgain(draft, readyFailure)) return;
  patch(draft, { pr: { readying: number } });
  act(draft, { kind: "mark-ready", key: `mark-ready:${record.id}:${number}`, number });
}

/** Unless trying does not help. */
function isDueAgain(draft: Draft, { retryAt }: ScmFailure): boolean {
  return retryAt != null && hasPassed(draft, retryAt, 0);
}

export function finishReady(draft: Draft, { number }: FactOf<"pr-ready">): void {
  const { snapshot: pr } = draft.record.pr;
  patch(draft, { pr: { readying: null, readyFailure: null, wasReady: number } });
  if (pr?.state !== "draft" || pr.info.number !== number) return;
  patch(draft, { pr: { snapshot: { ...pr, state: "open", info: { ...pr.info, isDraft: false } } } });
}

export function readyFailed(draft: Draft, { failure, at: when }: FactOf<"effect-failed">): void {
  const { readying, readyFailure, snapshot: pr } = draft.record.pr;
  if (readying == null) return;
  const attempts = (readyFailure?.pr === readying ? (readyFailure.attempts ?? 1) : 0) + 1;
  const retryAt = tryAgainAt(failure, attempts, at(when));
  const failed = { pr: readying, headSha: pr?.headSha ?? "", reason: failure.message, at: when, attempts, retryAt };
  patch(draft, { pr: { readying: null, readyFailure: failed } });
}

import type { DecideContext } from "../../model/policy.ts";
import type { CICheck } from "../../model/pull-request.ts";
import type { SessionRecord } from "../../model/session.ts";
import { attemptOf, ciOf, ownFailures } from "../ci.ts";
import { act, type Draft, isOver as hasPassed, note, patch } from "../draft.ts";
import { hasOpenPr, isOver } from "../facts-of.ts";
import { fits } from "../glob.ts";

/** A new attempt that does not show up in this time will not come. */
const NO_ATTEMPT_MS = 10 * 60_000;

type Rerun = NonNullable<SessionRecord["pr"]["reruns"]>[number];

const rerunsOf = (record: SessionRecord): Rerun[] =>
  (record.pr.reruns ?? []).filter(({ headSha }) => headSha === record.pr.snapshot?.headSha);

/** Whether this failing check runs again, or is about to, before the agent hears of it. */
export function awaitsRerun(record: SessionRecord, ctx: DecideContext, check: CICheck): boolean {
  const past = rerunsOf(record).filter(({ name }) => name === check.name);
  const last = past.at(-1);
  if (last?.attempt === attemptOf(check)) return last.failure === null;
  if (check.rerun === undefined || past.length >= ctx.policy.ciRerun || isOver(record) || record.launch.stopping)
    return false;
  return check.conclusion === "timed_out" || ctx.policy.ciFlaky.some((pattern) => fits(pattern, check.name));
}

/** Has the scm run again what timed out or is flaky, so often for each check of a head. */
export function rerunChecks(draft: Draft): void {
  const { record, ctx } = draft;
  const { snapshot: pr } = record.pr;
  if (pr === null || !hasOpenPr(record) || ciOf(record, ctx).ci !== "failing") return;
  giveUpOnOld(draft);
  if (record.isPaused || ctx.policy.isPaused) return;
  const known = rerunsOf(draft.record);
  const due = ownFailures(pr).filter(
    (check) =>
      check.rerun === "possible" &&
      awaitsRerun(draft.record, ctx, check) &&
      !known.some(({ name, attempt }) => name === check.name && attempt === attemptOf(check)),
  );
  if (due.length === 0) return;
  const { headSha } = pr;
  const checks = due.map((check) => ({ name: check.name, attempt: attemptOf(check) }));
  const asked = checks.map((check) => ({ ...check, headSha, at: draft.now, failure: null }));
  patch(draft, { pr: { reruns: [...known, ...asked] } });
  note(draft, `Asked to run ${checks.map(({ name }) => name).join(", ")} again on ${headSha.slice(0, 7)}.`);
  act(draft, { kind: "rerun", key: `rerun:${record.id}:${headSha}:${known.length + checks.length}`, headSha, checks });
}

function giveUpOnOld(draft: Draft): void {
  const { snapshot: pr } = draft.record.pr;
  const isAwaited = ({ name, attempt }: Rerun): boolean =>
    pr?.checks.some((check) => check.name === name && attemptOf(check) === attempt) === true;
  const next = rerunsOf(draft.record).map((rerun) =>
    rerun.failure === null && isAwaited(rerun) && hasPassed(draft, rerun.at, NO_ATTEMPT_MS)
      ? { ...rerun, failure: "no new attempt began" }
      : rerun,
  );
  if (next.length > 0) patch(draft, { pr: { reruns: next } });
}

/** The agent hears of these now. */
export function rerunFailed(draft: Draft, reason: string): void {
  note(draft, `Checks could not be run again: ${reason}`);
  patch(draft, { pr: { reruns: rerunsOf(draft.record).map((one) => ({ ...one, failure: one.failure ?? reason })) } });
}

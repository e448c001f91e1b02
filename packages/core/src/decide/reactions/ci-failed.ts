import type { DecideContext } from "../../model/policy.ts";
import type { CICheck } from "../../model/pull-request.ts";
import type { SessionRecord } from "../../model/session.ts";
import { at } from "../../model/time.ts";
import { CAUSE } from "../causes.ts";
import { attemptOf, ciOf, describePrevented, failingChecks, logKey, ownFailures, preventedChecks } from "../ci.ts";
import { hasOpenPr, latest } from "../facts-of.ts";
import { failedInQueue } from "../lifecycle/merge-queue.ts";
import { awaitsRerun } from "../lifecycle/reruns.ts";
import { composeCiFailed } from "../message-texts/ci.ts";
import { composeQueueFailure } from "../message-texts/merge-queue.ts";
import { GONE, present, type ReactionRule, type Seen, UNCLEAR } from "./rule.ts";

/** A log that cannot be read in this time is done without. */
const LOG_WAIT_MS = 30_000;
/** Commits made in a turn are on the pull request by then, and judged or pending. */
const PUSH_WAIT_MS = 60_000;

/** The logs that a message about this pull request waits for. */
export const missingLogs = (record: SessionRecord): CICheck[] =>
  record.pr.snapshot === null || !hasOpenPr(record) || record.pr.snapshot.ci !== "failing"
    ? []
    : ownFailures(record.pr.snapshot).filter((check) => record.pr.checkLogs[logKey(check)] === undefined);

function detect(record: SessionRecord, ctx: DecideContext): Seen {
  const { snapshot: pr } = record.pr;
  if (pr === null || !hasOpenPr(record)) return GONE;
  const { ci } = ciOf(record, ctx);
  if (ci === "pending") return preventedChecks(pr).length > 0 ? prevented(record, preventedChecks(pr)) : UNCLEAR;
  if (ci !== "failing") return inQueue(record);
  const failures = ownFailures(pr);
  const own = failures.filter((check) => !awaitsRerun(record, ctx, check));
  if (own.length < failures.length && own.length === 0) return UNCLEAR;
  const all = failingChecks(pr);
  if (own.length === 0 && all.length > 0) return failsOnBase(record, all);
  const key = own.map((check) => `${check.name}#${attemptOf(check)}`).sort();
  const problem = {
    checks: own.map(logKey),
    fingerprint: `${pr.headSha}:${key.join(",")}`,
    because: `${own.map((check) => check.name).join(", ") || "checks"} failing on ${pr.headSha.slice(0, 7)}`,
  };
  if (missingLogs(record).length === 0 || record.pr.seenAt === null) return present(problem);
  return present({ ...problem, notBeforeMs: at(record.pr.seenAt) + LOG_WAIT_MS });
}

/** Its own checks pass, and those of the merge queue failed. */
function inQueue(record: SessionRecord): Seen {
  const left = failedInQueue(record);
  if (left === null) return GONE;
  return present({
    fingerprint: `queue:${left.id}`,
    because: `${left.checks.join(", ")} failing in the merge queue`,
  });
}

/** A fault of the machine, or an approval, is the user's matter, and one for all sessions of the repository. */
function prevented(record: SessionRecord, checks: CICheck[]): Seen {
  const what = describePrevented(checks);
  return present({
    fingerprint: `machine:${what}`,
    because: `CI cannot run (${what})`,
    notForAgent: "the branch is not the cause; CI goes on by itself when that is solved",
    notice: "ci.blocked",
    cause: CAUSE.repository(record, `cannot-run:${what}`),
  });
}

function failsOnBase(record: SessionRecord, checks: CICheck[]): Seen {
  const names = checks.map((check) => check.name).sort();
  return present({
    fingerprint: `base:${names.join(",")}`,
    because: `${names.join(", ")} failing on ${record.pr.snapshot?.info.baseBranch ?? "the base"} too`,
    notForAgent: "the base branch fails too, so this branch is not the cause",
    cause: CAUSE.repository(record, `failing:${names.join(",")}`),
  });
}

/** Whether the failure was judged after the turn, on what the turn left behind. */
function isSeenAfterTurn(record: SessionRecord, ctx: DecideContext): true | { notBeforeMs: number } {
  const { work, turnEndedAt } = record;
  const { snapshot: pr } = record.pr;
  const ended = latest(turnEndedAt);
  if (work !== null && at(work.at) >= ended && work.headSha === pr?.headSha) return true;
  const dueAt = ended + PUSH_WAIT_MS;
  return ctx.nowMs >= dueAt && record.pr.unansweredSince === null ? true : { notBeforeMs: dueAt };
}

export const ciFailed: ReactionRule = {
  key: "ci-failed",
  detect,
  compose: (record, problem) =>
    failedInQueue(record) === null ? composeCiFailed(record, problem) : composeQueueFailure(record),
  notice: "ci.failing",
  cause: (record, problem) => `ci:${record.pr.snapshot?.info.number}:${problem.fingerprint}`,
  resendsAfterTurn: true,
  isSeenAfterTurn,
  asksScm: true,
  isAboutHead: true,
  sent: { type: "ci.fix_sent", what: "the failing checks" },
  notSolved: "ci.fix_failed",
  hint: (id) => `ao checks ${id} --log`,
};

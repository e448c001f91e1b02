import type { DecideContext } from "../model/policy.ts";
import type { SessionRecord } from "../model/session.ts";
import type { ActivityState, SessionStatus } from "../model/status.ts";
import { oneLine } from "../model/text.ts";
import { formatDuration } from "../model/time.ts";
import { isAsking, isAtRest } from "./activity.ts";
import { blockersOf, ciOf, failingChecks, standingRequests } from "./ci.ts";
import { describeErrorExit, endedByInterrupt, exitedUnasked, hasOpenPr, prName } from "./facts-of.ts";
import { describeLeftRunning } from "./left-running.ts";
import { judgeExit } from "./lifecycle/ending.ts";
import { describeQueue } from "./lifecycle/merge-queue.ts";
import { isReadySoon } from "./lifecycle/ready.ts";
import { stuckSince } from "./stuck.ts";
import { describeTurnFailure, turnFailureOf } from "./turn-failure.ts";
import { describeLimit, isLimited } from "./vendor-limit.ts";

export interface Derived {
  status: SessionStatus;
  rule: string;
  because: string;
}

interface Rule {
  rule: string;
  status: SessionStatus | ((record: SessionRecord) => SessionStatus);
  when: (record: SessionRecord, ctx: DecideContext) => boolean;
  because: (record: SessionRecord, ctx: DecideContext) => string;
}

const isOpen = (record: SessionRecord): boolean => record.pr.snapshot?.state === "open";
const prOf = (record: SessionRecord): string =>
  record.pr.snapshot === null ? "the pull request" : prName(record.pr.snapshot.info);

/** A conflict is mentioned whatever else there is, because only a change of the branch ends it. */
const andConflict = ({ pr: { snapshot: pr } }: SessionRecord): string =>
  pr?.hasConflicts === true ? `; it conflicts with ${pr.info.baseBranch}` : "";

const ACTIVITY: Record<ActivityState, string> = {
  active: "the agent is working",
  ready: "the agent is idle",
  idle: "the agent is idle",
  waiting_input: "the agent asks a question",
  blocked: "the agent is blocked",
  limited: "the agent has reached a usage limit",
  exited: "the agent exited",
  unknown: "it is unknown what the agent is doing",
};

/** There is no pull request yet, and nothing is asked. */
function describeActivity(record: SessionRecord): string {
  const { activity } = record;
  const { unansweredSince: prUnansweredSince, unansweredWhy: prUnansweredWhy } = record.pr;
  if (activity === null) return "the agent has shown nothing yet";
  if (!isAtRest(activity.state)) return ACTIVITY[activity.state];
  // Not "there is none": that is not known.
  if (prUnansweredSince !== null && prUnansweredWhy) return `the agent is idle; ${prUnansweredWhy}`;
  if (activity.guess)
    return `the agent is idle, and the end of its screen reads like a failure: “${oneLine(activity.guess)}”`;
  const left = describeLeftRunning(record);
  return left === null ? "the agent is idle, and there is no pull request" : `the agent is idle; ${left}`;
}

/** First match wins. */
export const STATUS_RULES: readonly Rule[] = [
  {
    rule: "removal-runs",
    status: "cleanup",
    when: (record) => record.phase === "removing",
    because: () => "its checkout is being removed",
  },
  {
    rule: "ended",
    status: (record) => record.ending?.status ?? "terminated",
    when: (record) => record.ending !== null || record.phase === "archived",
    because: (record) => record.ending?.reason ?? "it was archived",
  },
  {
    rule: "queued",
    status: "queued",
    when: (record) => record.phase === "queued",
    because: (record) => record.queuedFor ?? "it is waiting for its turn",
  },
  {
    rule: "start-runs",
    status: "spawning",
    when: (record) => record.phase === "starting" && record.launch.last?.mode !== "turn",
    because: (record) =>
      record.launch.last?.mode === "restore" ? "the agent is being restored" : "the agent is being started",
  },
  {
    rule: "question-open",
    status: "needs_input",
    when: (record) => isAsking(record.activity?.state),
    because: (record) => record.activity?.question || record.activity?.evidence || "the agent is waiting for an answer",
  },
  {
    rule: "turn-failed",
    status: "needs_input",
    when: (record) => turnFailureOf(record) !== null,
    because: describeTurnFailure,
  },
  {
    rule: "no-progress",
    status: "stuck",
    when: (record, ctx) => (stuckSince(record, ctx)?.dueAt ?? Infinity) <= ctx.nowMs,
    because: (record, ctx) => {
      const { since, dueAt } = stuckSince(record, ctx) ?? { since: 0, dueAt: 0 };
      return `no output, commit or report for ${formatDuration(dueAt - since)} in a running turn`;
    },
  },
  {
    // "Done" needs a look at the checkout after the exit; until then nothing is claimed that may be wrong.
    rule: "exit-unjudged",
    status: "working",
    when: (record, ctx) => !hasOpenPr(record) && judgeExit({ record, ctx }) === "unjudged",
    because: () => "the agent exited, and its checkout is being checked",
  },
  {
    rule: "agent-gone",
    status: "stuck",
    when: (record, ctx) =>
      !hasOpenPr(record) &&
      exitedUnasked(record) &&
      !endedByInterrupt(record) &&
      ctx.policy.agent.lifetime === "interactive",
    because: (record) =>
      record.launch.last?.exit ? describeErrorExit(record.launch.last.exit) : "its process is gone",
  },
  {
    // What the user did alarms nobody, but an agent that is gone is not working.
    rule: "agent-interrupted",
    status: "stuck",
    when: (record) => !hasOpenPr(record) && endedByInterrupt(record),
    because: () => "the agent exited when you interrupted it",
  },
  {
    rule: "ci-failing",
    status: "ci_failed",
    when: (record, ctx) => hasOpenPr(record) && ciOf(record, ctx).ci === "failing",
    because: (record) => {
      const names = record.pr.snapshot === null ? [] : failingChecks(record.pr.snapshot).map((check) => check.name);
      return `failing on ${record.pr.snapshot?.headSha.slice(0, 7)}: ${names.join(", ") || "checks"}${andConflict(record)}`;
    },
  },
  {
    rule: "changes-requested",
    status: "changes_requested",
    when: (record) => hasOpenPr(record) && record.pr.snapshot?.review === "changes_requested",
    because: (record) => {
      const authors =
        record.pr.snapshot === null ? [] : standingRequests(record.pr.snapshot).map((review) => review.author);
      const by = authors.length > 0 ? ` by ${authors.join(", ")}` : "";
      return `changes requested${by}${andConflict(record)}`;
    },
  },
  {
    rule: "in-merge-queue",
    status: (record) => (record.pr.snapshot?.review === "approved" ? "approved" : "pr_open"),
    when: (record) => isOpen(record) && describeQueue(record) !== null,
    because: (record) => `${prOf(record)} is ${describeQueue(record)}`,
  },
  {
    rule: "mergeable",
    status: "mergeable",
    when: (record, ctx) => isOpen(record) && blockersOf(record, ctx).length === 0,
    because: (record) => `ready to merge at ${record.pr.snapshot?.headSha.slice(0, 7)}`,
  },
  {
    rule: "approved",
    status: "approved",
    when: (record) => isOpen(record) && record.pr.snapshot?.review === "approved",
    because: (record, ctx) => `approved, but ${blockersOf(record, ctx).join("; ")}`,
  },
  {
    rule: "review-pending",
    status: "review_pending",
    when: (record) => isOpen(record) && record.pr.snapshot?.review === "pending",
    because: (record, ctx) =>
      record.pr.snapshot?.hasConflicts === true
        ? `${prOf(record)} conflicts with ${record.pr.snapshot.info.baseBranch}, and is waiting for a review`
        : `${prOf(record)} is waiting for ${ciOf(record, ctx).ci === "pending" ? "its checks" : "a review"}`,
  },
  {
    rule: "pr-open",
    status: "pr_open",
    when: hasOpenPr,
    because: (record, ctx) =>
      record.pr.snapshot?.state === "draft"
        ? `${prOf(record)} is a draft${isReadySoon(record, ctx.policy) ? " until its checks pass" : ""}`
        : `${prOf(record)} is ${record.pr.snapshot?.state}: ${blockersOf(record, ctx).join("; ")}`,
  },
  {
    rule: "working",
    status: "working",
    when: () => true,
    because: (record, ctx) =>
      isLimited(record)
        ? describeLimit(record, ctx)
        : record.pr.snapshot?.state === "closed"
          ? `${prOf(record)} was closed without a merge`
          : describeActivity(record),
  },
];

/** The status, the rule that gave it, and the facts behind it in one line. */
export function deriveStatus(record: SessionRecord, ctx: DecideContext): Derived {
  const rule = STATUS_RULES.find((each) => each.when(record, ctx));
  if (rule === undefined) throw new Error("the last rule of the status table always fits");
  const status = typeof rule.status === "function" ? rule.status(record) : rule.status;
  return { status, rule: rule.rule, because: rule.because(record, ctx) };
}

/** When time alone could change the status. */
export function statusWakes(record: SessionRecord, ctx: DecideContext): number[] {
  const times = [ciOf(record, ctx).settlesAt, stuckSince(record, ctx)?.dueAt ?? null];
  return times.filter((time): time is number => time !== null && time > ctx.nowMs);
}

import type { DecideContext } from "../../model/policy.ts";
import type { SessionRecord } from "../../model/session.ts";
import { formatDuration } from "../../model/time.ts";
import { isAtRest } from "../activity.ts";
import { CAUSE } from "../causes.ts";
import {
  currentReport,
  describeErrorExit,
  endedByInterrupt,
  hasNewCommits,
  hasOpenPr,
  isErrorExit,
  isOver,
  latest,
  workSeenSince,
} from "../facts-of.ts";
import { judgeExit } from "../lifecycle/ending.ts";
import { isHiccup } from "../lifecycle/try-again.ts";
import { composeGeneric } from "../message-texts/generic.ts";
import { composeIdle } from "../message-texts/idle.ts";
import { unsettled } from "../messages.ts";
import { questionLine } from "../question.ts";
import { plural } from "../text.ts";
import { describeTurnFailure, helpForTurnFailure, turnFailureOf } from "../turn-failure.ts";
import { GONE, present, type ReactionRule, type Seen, UNCLEAR } from "./rule.ts";

const IDLE_MS = 300_000;

/** When the agent has been idle for the threshold; null: it is not idle. */
export function idleDueAt(record: SessionRecord, ctx: DecideContext): number | null {
  const { activity, turnEndedAt, humanInputAt } = record;
  if (activity === null || !isAtRest(activity.state) || record.turnStartedAt !== null) return null;
  const since = latest(activity.since, turnEndedAt, humanInputAt, ctx.watchedSinceMs);
  return since + (ctx.policy.reactions["agent-idle"].thresholdMs ?? IDLE_MS);
}

/** What the agent left lying; empty: nothing. */
export function leftovers(record: SessionRecord): string[] {
  const { work } = record;
  const { snapshot: pr } = record.pr;
  if (work === null) return [];
  const lacksPr = !hasOpenPr(record) && hasNewCommits(record);
  const left: string[] = [];
  if (work.changedFiles > 0) left.push(plural(work.changedFiles, "uncommitted file"));
  // Where nothing is ever pushed, every commit is an unpushed one: what the pull request has is handed in.
  const isHandedIn = pr !== null && pr.headSha === work.headSha;
  if (work.unpushedCommits > 0 && !isHandedIn) left.push(plural(work.unpushedCommits, "unpushed commit"));
  if (lacksPr) left.push(`${plural(work.commitsAhead, "commit")} without a pull request`);
  return left;
}

function detectIdle(record: SessionRecord, ctx: DecideContext): Seen {
  if (isOver(record) || record.phase === "queued" || record.activity?.state === "exited") return GONE;
  if (currentReport(record)?.state === "done" || (record.task.issue === null && record.task.prompt === null))
    return GONE;
  // It is idle because it has to be.
  if (record.limits.hold || turnFailureOf(record) !== null) return UNCLEAR;
  // Neither the agent nor you can do anything about it, and it may be there the next time.
  if (record.pr.openFailure && isHiccup(record.pr.openFailure)) return UNCLEAR;
  const dueAt = idleDueAt(record, ctx);
  // While it works again, or a message is on its way, the problem may be on its way out: the episode waits.
  if (dueAt === null || unsettled(record).length > 0 || record.work === null) return UNCLEAR;
  if (ctx.nowMs < dueAt) return { state: "unclear", wakeAtMs: dueAt };
  if (workSeenSince(record, record.turnEndedAt ?? record.createdAt) !== "seen") return UNCLEAR;
  const left = leftovers(record);
  if (left.length === 0) return GONE;
  const { headSha, changedFiles, unpushedCommits } = record.work;
  return present({
    fingerprint: `${headSha}:${changedFiles}:${unpushedCommits}`,
    because: `idle with ${left.join(" and ")}`,
  });
}

export const agentIdle: ReactionRule = {
  key: "agent-idle",
  detect: detectIdle,
  compose: composeIdle,
  notice: "session.idle",
  cause: (record, problem) => `idle:${record.launch.last?.number ?? 0}:${problem.fingerprint}`,
  resendsAfterTurn: true,
  quotesAgent: true,
  hint: (id) => `ao send ${id} "…"`,
};

export const agentStuck: ReactionRule = {
  key: "agent-stuck",
  detect(record, ctx) {
    if (record.status !== "stuck" || record.statusRule !== "no-progress") return GONE;
    const threshold = ctx.policy.reactions["agent-stuck"].thresholdMs ?? 0;
    return present({
      fingerprint: CAUSE.stuck(record),
      because: `its turn has shown nothing for ${formatDuration(threshold)} and more`,
    });
  },
  compose: composeGeneric,
  notice: "session.stuck",
  cause: CAUSE.stuck,
};

export const agentNeedsInput: ReactionRule = {
  key: "agent-needs-input",
  detect(record) {
    if (record.status !== "needs_input") return GONE;
    const isFailed = turnFailureOf(record) !== null;
    const because = isFailed ? `needs you: ${describeTurnFailure(record)}. ${helpForTurnFailure(record).advice}` : null;
    const question = record.activity?.question ? questionLine(record) : "";
    return present({
      fingerprint: CAUSE.needsInput(record),
      because: because ?? (question === "" ? "waits for an answer" : `asks: ${question}`),
    });
  },
  compose: composeGeneric,
  notice: "session.needs_input",
  cause: CAUSE.needsInput,
  hasSessionAsSubject: true,
};

function detectExit(record: SessionRecord, ctx: DecideContext): Seen {
  const exit = record.launch.last?.exit ?? null;
  if (
    exit === null ||
    exit.wasAsked ||
    endedByInterrupt(record) ||
    record.phase === "starting" ||
    record.phase === "queued"
  )
    return GONE;
  const ending = record.ending;
  if (ending !== null && (ending.by !== "world" || ending.status === "done" || ending.status === "merged")) return GONE;
  if (ctx.policy.agent.lifetime === "per-turn" && !isErrorExit(record) && ending === null) return GONE;
  if (record.launch.stopping || (!hasOpenPr(record) && judgeExit({ record, ctx }) === "unjudged")) return UNCLEAR;
  return present({
    fingerprint: CAUSE.exit(record),
    because: ending?.status === "killed" ? ending.reason : describeErrorExit(exit),
  });
}

export const agentExited: ReactionRule = {
  key: "agent-exited",
  detect: detectExit,
  compose: composeGeneric,
  notice: "session.exited",
  cause: CAUSE.exit,
  hint: (id) => `ao restore ${id}`,
};

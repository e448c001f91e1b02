import { openDialog } from "../../model/question.ts";
import type { SessionRecord } from "../../model/session.ts";
import type { SessionStatus } from "../../model/status.ts";
import type { TurnFailure } from "../../model/turn-failure.ts";
import { isAtRest } from "../activity.ts";
import { describeExit, keysText } from "../facts-of.ts";
import { openQuestion, questionLine } from "../question.ts";
import { describeTurnFailure, helpForTurnFailure, turnFailureOf } from "../turn-failure.ts";
import { type Change, type EventRule, event } from "./change.ts";

const entered = ({ before, after }: Change, status: SessionStatus): boolean =>
  after.status === status && before.status !== status;

const BEGAN = { first: "was started", restore: "was restored", handoff: "took over", turn: "began a turn" } as const;

const spawned: EventRule = ({ before, after }) => {
  const launch = after.launch.last;
  if (!launch?.startedAt || launch.mode === "turn") return null;
  if (before.launch.last?.number === launch.number && before.launch.last.startedAt !== null) return null;
  const { number, mode, pid } = launch;
  const { agent, runtime, branch, workspacePath, baseNote } = after;
  const message = `${after.id}: ${agent} ${BEGAN[mode]} on ${branch}`;
  return event("session.spawned", message, {
    launch: number,
    mode,
    pid,
    agent,
    runtime,
    branch,
    workspacePath,
    baseNote,
  });
};

const working: EventRule = ({ before, after }) => {
  if (after.activity?.state !== "active" || before.activity?.state === "active") return null;
  return event("session.working", `${after.id} is working`, { activity: after.activity, turn: after.turns + 1 });
};

const idle: EventRule = ({ before, after }) => {
  const { activity } = after;
  if (activity === null || !isAtRest(activity.state) || after.phase === "queued") return null;
  const isNewTurn = after.turns !== before.turns;
  if (!isNewTurn && before.activity !== null && isAtRest(before.activity.state)) return null;
  const said = after.report !== null && after.report !== before.report ? after.report : null;
  return event("session.idle", `${after.id} is idle`, { activity, turns: after.turns, report: said });
};

const exited: EventRule = ({ before, after, ctx }) => {
  const exit = after.launch.last?.exit ?? null;
  if (exit === null || exit.wasAsked || after.launch.last === null) return null;
  if (before.launch.last?.number === after.launch.last.number && before.launch.last.exit !== null) return null;
  if (ctx.policy.agent.lifetime === "per-turn" && exit.code === 0) return null;
  const { number } = after.launch.last;
  return event("session.exited", `${after.id}: ${describeExit(exit)}`, { launch: number, exit });
};

const isNewEnding = (before: SessionRecord, after: SessionRecord): boolean =>
  after.ending !== null && (before.ending === null || before.ending.status !== after.ending.status);

const killed: EventRule = ({ before, after }) => {
  const ending = after.ending;
  if (ending === null || !isNewEnding(before, after)) return null;
  if (ending.status !== "killed" && ending.status !== "terminated") return null;
  const data = { ending, exit: after.launch.last?.exit ?? null };
  return event("session.killed", `${after.id} was ${ending.status}: ${ending.reason}`, data);
};

const errored: EventRule = ({ before, after }) => {
  const ending = after.ending;
  if (ending?.status !== "errored" || !isNewEnding(before, after)) return null;
  const data = { ending, exit: after.launch.last?.exit ?? null };
  return event("session.errored", `${after.id} failed: ${ending.reason}`, data);
};

const stuck: EventRule = (change) => {
  const { after, because } = change;
  if (!entered(change, "stuck") || after.statusRule === "agent-interrupted") return null;
  const { statusRule, activity, progressAt } = after;
  const exit = after.launch.last?.exit ?? null;
  return event("session.stuck", `${after.id} is stuck: ${because}`, {
    because,
    rule: statusRule,
    activity,
    progressAt,
    exit,
  });
};

/** Its status need not change: another dialog may open the moment one is answered. */
function asksOtherwise({ before, after }: Change): boolean {
  const [was, is] = [openDialog(before), openDialog(after)];
  return after.status === "needs_input" && was !== null && is !== null && was.id !== is.id;
}

/** Of one that failed before, the next failure is another activity. */
function newFailure({ before, after }: Change): TurnFailure | null {
  const failure = after.status === "needs_input" ? turnFailureOf(after) : null;
  const isKnown = turnFailureOf(before) !== null && before.activity?.since === after.activity?.since;
  return isKnown && before.status === "needs_input" ? null : failure;
}

const needsInput: EventRule = (change) => {
  const failure = newFailure(change);
  if (failure === null && !entered(change, "needs_input") && !asksOtherwise(change)) return null;
  const { after, because } = change;
  if (failure !== null) {
    const message = `${after.id} needs you: ${describeTurnFailure(after)}. ${helpForTurnFailure(after).advice}`;
    return event("session.needs_input", message, { because, activity: after.activity, question: null, failure });
  }
  const data = { because, activity: after.activity, question: openQuestion(after) };
  return event("session.needs_input", `${after.id} asks: ${questionLine(after) || because}`, data);
};

const configChanged: EventRule = ({ before, after }) => {
  const { configChanged: now, work, id } = after;
  if (now === undefined || now.at === before.configChanged?.at) return null;
  const [old, fresh] = [before.work?.sharedConfig, work?.sharedConfig ?? {}];
  const keys = old === undefined ? now.keys : now.keys.filter((key) => old[key] !== fresh[key]);
  const message = `${id}: the git config that its checkout shares with the repository has changed: ${keysText(keys)}`;
  return event("repository.config_changed", message, { keys });
};

export const SESSION_EVENTS: readonly EventRule[] = [
  configChanged,
  spawned,
  working,
  idle,
  exited,
  killed,
  errored,
  stuck,
  needsInput,
];

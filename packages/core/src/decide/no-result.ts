import type { DecideContext } from "../model/policy.ts";
import type { SessionRecord } from "../model/session.ts";
import { oneLine } from "../model/text.ts";
import { at, type Iso } from "../model/time.ts";
import { currentReport, isAlive, isOver, latest, workSeenSince } from "./facts-of.ts";
import { lastSaid } from "./last-said.ts";
import { unsettled } from "./messages.ts";
import { idleDueAt } from "./reactions/agent.ts";
import { isLimited } from "./vendor-limit.ts";

/** Somebody who typed in the agent's terminal so shortly before has seen how it ended. */
const SEEN_MS = 120_000;
const MAX_WORDS = 160;

export interface NoResult {
  cause: string;
  /** One sentence, with the agent's last words. */
  reason: string;
}

/**
 * The agent had a task and finished without a commit, a change or a pull request: the session ended, or the agent is idle.
 * Null once the user has looked at it.
 */
export function noResult(record: SessionRecord, ctx: DecideContext): NoResult | null {
  const { task, turns } = record;
  const { snapshot: pr } = record.pr;
  const { last: launch } = record.launch;
  if ((task.issue === null && task.prompt === null) || pr !== null) return null;
  const since = isOver(record) ? endedWithout(record) : idleWithout(record, ctx);
  if (since === null || wasSeen(record, since)) return null;
  const what = isOver(record) ? "it ended without a result" : "it is idle without a result";
  // What a living program has printed is on its screen, and not known here.
  const nothing = isAlive(record)
    ? "idle, with no commits and no changed files"
    : `${isOver(record) ? "ended" : "idle"}, with no commits and no output`;
  const words = lastSaid(record);
  return {
    cause: `no-result:${launch?.number ?? 0}:${turns}`,
    reason: words === null ? nothing : `${what}: “${oneLine(words, MAX_WORDS)}”`,
  };
}

const isEmptyHanded = ({ work }: SessionRecord): boolean =>
  work !== null && work.commitsAhead === 0 && work.changedFiles === 0;

const endedWithout = (record: SessionRecord): Iso | null =>
  record.ending?.status === "done" && isEmptyHanded(record) ? record.ending.at : null;

/** A per-turn agent's program has ended with its turn; an interactive one gets the time that `agent-idle` gives it. */
function idleWithout(record: SessionRecord, ctx: DecideContext): Iso | null {
  const { phase, turns, turnEndedAt } = record;
  const { hold: limit } = record.limits;
  if (phase !== "running" && phase !== "down") return null;
  if (turns === 0 || turnEndedAt === null || limit || isLimited(record)) return null;
  const dueAt = idleDueAt(record, ctx);
  const isDue = dueAt !== null && (ctx.policy.agent.lifetime === "per-turn" || ctx.nowMs >= dueAt);
  if (!isDue || unsettled(record).length > 0 || currentReport(record) !== null) return null;
  return workSeenSince(record, turnEndedAt) === "seen" && isEmptyHanded(record) ? turnEndedAt : null;
}

/** Through `ao`, or in the terminal. */
const wasSeen = ({ humanDid, humanInputAt }: SessionRecord, since: Iso): boolean =>
  latest(humanDid?.looked) >= at(since) || latest(humanInputAt) >= at(since) - SEEN_MS;

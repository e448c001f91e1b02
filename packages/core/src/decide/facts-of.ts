import type { ExitSeen } from "../model/fact.ts";
import type { Policy } from "../model/policy.ts";
import type { PRInfo, PRSnapshot } from "../model/pull-request.ts";
import type { SessionRecord } from "../model/session.ts";
import { oneLine } from "../model/text.ts";
import { at, type Iso } from "../model/time.ts";

/** Questions about a record that many rules ask. */

/** The agent's program runs, as far as anyone knows. */
export function isAlive(record: SessionRecord): boolean {
  const launch = record.launch.last;
  return launch !== null && launch.startedAt !== null && launch.exit === null;
}

/** Its start was asked for, and nobody knows yet what came of it. */
export function isInFlight(record: SessionRecord): boolean {
  const launch = record.launch.last;
  return launch !== null && launch.startedAt === null && launch.exit === null && !launch.failedAt;
}

/** Its program has ended as programs do that run once for each message. The next message starts it again. */
export const isBetweenTurns = (record: SessionRecord, { agent }: Pick<Policy, "agent">): boolean =>
  record.phase === "down" && agent.lifetime === "per-turn" && !isErrorExit(record);

export const isOver = (record: SessionRecord): boolean =>
  record.phase === "ended" || record.phase === "archived" || record.phase === "removing";

export const hasOpenPr = (record: SessionRecord): boolean =>
  record.pr.snapshot !== null && (record.pr.snapshot.state === "open" || record.pr.snapshot.state === "draft");

/** How people read of a pull request: never `#8`, which is an issue. */
export const prName = ({ number }: Pick<PRInfo, "number">): string => `PR ${number}`;

/** Why its pull request has another base than before, or only that it has. */
export function newBaseOf({ pr: { baseMove } }: SessionRecord, { info, baseNote }: PRSnapshot): string {
  if (baseNote !== undefined) return baseNote;
  const why =
    baseMove?.to === info.baseBranch ? `: ${prName({ number: baseMove.pr })} (${baseMove.from}) was merged` : "";
  return `now based on ${info.baseBranch}${why}`;
}

/** Names of keys of a git config, which an agent can choose. Neither their values nor a password in a URL, which may be secret. */
export function keysText(keys: readonly string[]): string {
  const named = keys.slice(0, 8).map((key) => oneLine(key.replace(/\/\/[^/@]*@/, "//…@"), 80));
  return named.join(", ") + (keys.length > named.length ? ` and ${keys.length - named.length} more` : "");
}

/** Its branch has commits, and its head is none that a pull request of this session had. */
export function hasNewCommits({ work, pr: { snapshot: pr, earlier: formerPrs = [] } }: SessionRecord): boolean {
  if (work === null || work.commitsAhead === 0) return false;
  if (work.headSha === null) return pr === null;
  return pr?.headSha !== work.headSha && !formerPrs.some(({ headSha }) => headSha === work.headSha);
}

/** The branch that its checkout is on instead of its own. null: it is on its own, or on none. */
export function strayBranch({ work, branch }: SessionRecord): string | null {
  if (work === null || work.branch === null || work.branch === branch) return null;
  return work.branch;
}

/** Its commits are on no branch at all (and not because a rebase or the like is under way). */
export const isDetached = (record: SessionRecord): boolean =>
  record.work !== null && record.work.branch === null && record.work.operation === null && hasNewCommits(record);

/** A non-zero status or a signal. Unknown is no error, and neither is an interrupt of the user's. */
export function isErrorExit(record: SessionRecord): boolean {
  const exit = record.launch.last?.exit ?? null;
  return (
    exit !== null && exit.wasInterrupted !== true && ((exit.code !== null && exit.code !== 0) || exit.signal !== null)
  );
}

/** The agent's program ended and nobody had asked for it. */
export function exitedUnasked(record: SessionRecord): boolean {
  const exit = record.launch.last?.exit ?? null;
  return record.phase === "down" && exit !== null && !exit.wasAsked;
}

/** Its program does not know better than to end when the user interrupts it. That alarms nobody. Not between turns: those end anyway. */
export const endedByInterrupt = (record: SessionRecord): boolean =>
  exitedUnasked(record) && record.launch.last?.exit?.wasInterrupted === true && record.activity?.state === "exited";

/** Number of the turn that runs, or of the last one. */
export const turnNumber = (record: SessionRecord): number => record.turns + (record.turnStartedAt === null ? 0 : 1);

/** The agent's own report, unless a later turn has begun since. */
export function currentReport(record: SessionRecord): SessionRecord["report"] {
  const report = record.report;
  return report !== null && turnNumber(record) <= report.turn ? report : null;
}

/** Whether the checkout was looked at (or could not be) since `since`. */
export function workSeenSince(record: SessionRecord, since: Iso): "seen" | "unanswered" | null {
  if (record.work !== null && at(record.work.at) >= at(since)) return "seen";
  const unanswered = record.workUnansweredAt ?? null;
  return unanswered !== null && at(unanswered) >= at(since) ? "unanswered" : null;
}

/** The latest of some times; null and undefined count as never. */
export function latest(...times: (Iso | number | null | undefined)[]): number {
  return Math.max(
    0,
    ...times.map((time) => (time === null || time === undefined ? 0 : typeof time === "number" ? time : at(time))),
  );
}

/** The same, of an error with the program's own reason: the last line that it printed. */
export function describeErrorExit(exit: Pick<ExitSeen, "code" | "signal" | "lastOutput">): string {
  const lines = (exit.lastOutput ?? "").split("\n").map((line) => oneLine(line, MAX_WORDS));
  const words = lines.findLast((line) => /[\p{L}\p{N}]/u.test(line) && !PANE_IS_DEAD.test(line));
  const isError = exit.signal !== null || (exit.code !== null && exit.code !== 0);
  if (words === undefined || !isError) return describeExit(exit);
  return `${describeExit(exit)}: ${words.replace(BULLET, "")}`;
}

const MAX_WORDS = 160;
const BULLET = /^[^\p{L}\p{N}]+\s/u;
/** Not the program's words but the terminal's. */
const PANE_IS_DEAD = /^Pane is dead\b/;

export function describeExit(exit: Pick<ExitSeen, "code" | "signal">): string {
  if (exit.signal !== null) return `the agent was ended by ${exit.signal}`;
  if (exit.code === null) return "the agent ended with an unknown status";
  return `the agent exited with status ${exit.code}`;
}

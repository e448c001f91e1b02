import { isAboutRemoval } from "../../model/removal-notes.ts";
import type { Ending, SessionRecord } from "../../model/session.ts";
import { at, type Iso } from "../../model/time.ts";
import { cleanupAfterMs } from "../cleanup.ts";
import { act, type Draft, type FactOf, isOver as hasPassed, note, patch } from "../draft.ts";
import { isAlive, isInFlight, latest } from "../facts-of.ts";
import { failMessage } from "../messages.ts";

interface StopWish {
  reason: string;
  /** How the session ends by it; null: it has ended already, only its process is still there. */
  ending: Ending | null;
  remove: boolean;
  dropUnreadable?: boolean;
}

/** An ended session's agent may finish its last words for this long. */
const LAST_WORDS_MS = 10_000;
/** A stop or removal that failed is tried again after this long. */
const RETRY_MS = 3_600_000;

/** Stops whatever runs or might run; with nothing ever launched it is over at once. */
export function requestStop(draft: Draft, wish: StopWish): void {
  const { record, now } = draft;
  const launch = record.launch.last;
  if (record.launch.stopping) {
    const { stopping } = record.launch;
    patch(draft, {
      launch: {
        stopping: {
          ...stopping,
          ending: stopping.ending ?? wish.ending,
          remove: stopping.remove || wish.remove,
          ...(wish.dropUnreadable === true ? { dropUnreadable: true } : {}),
        },
      },
    });
    return;
  }
  const number = launch?.number ?? 0;
  patch(draft, { launch: { stopping: { launch: number, requestedAt: now, ...wish } } });
  if (launch === null) {
    finishStop(draft, now);
    return;
  }
  act(draft, { kind: "stop", key: `stop:${record.id}:${number}`, launch: number, reason: wish.reason });
}

export function finishStop(draft: Draft, when: Iso): void {
  const { last: launch, stopping } = draft.record.launch;
  if (launch !== null && launch.exit === null) {
    if (isInFlight(draft.record) && launch.messageId !== null) {
      failMessage(draft, launch.messageId, { code: "REFUSED", message: "the session was stopped before it went in" });
    }
    const exit = { code: null, signal: null, at: when, lastOutput: null, wasAsked: true };
    patch(draft, { launch: { last: { ...launch, exit } } });
  }
  patch(draft, { turnStartedAt: null });
  if (!stopping) return;
  patch(draft, { launch: { stopping: null } });
  if (stopping.ending !== null) end(draft, { ...stopping.ending, at: when });
  if (stopping.remove) requestRemoval(draft, stopping.reason, stopping.dropUnreadable);
}

/** The wish is told of as not done, unless what it was to end is known to have ended by itself. */
export function stopFailed(draft: Draft, reason: string): void {
  const { phase } = draft.record;
  const { last: launch, stopping } = draft.record.launch;
  patch(draft, { launch: { stopping: null, stopFailedAt: draft.now } });
  note(draft, `It could not be stopped: ${reason}`);
  if (launch?.exit && stopping?.ending) end(draft, { ...stopping.ending, at: launch.exit.at });
  else if (phase === "starting" && launch?.failedAt) {
    end(draft, { status: "errored", by: "world", reason: "its start failed", at: launch.failedAt });
  }
}

/**
 * The end of a session by a fact. An ending stays; only a kill of what ended badly replaces it. What becomes of the messages that wait is
 * decided where they are delivered.
 */
export function end(draft: Draft, ending: Ending): void {
  const { phase } = draft.record;
  if (phase === "removing" || phase === "archived") return;
  patch(draft, { phase: "ended", ending, queuedFor: null });
}

export const refusal = (status: string) => ({
  code: "REFUSED" as const,
  message: `the session is ${status}`,
  hint: "bring it back with `ao restore`",
});

/** An ended session's agent is stopped, so that nothing keeps running; not in the middle of a word. */
export function stopEnded(draft: Draft): void {
  const { record } = draft;
  const isToStop = isAlive(record) || mayHaveLeftovers(record);
  if (record.phase !== "ended" || !isToStop || record.launch.stopping) return;
  // One that has just said "done" is still inside the command that said so.
  const isSpeaking = record.turnStartedAt !== null || record.ending?.by === "agent";
  if (isSpeaking && !hasPassed(draft, record.ending?.at ?? draft.now, LAST_WORDS_MS)) return;
  if (record.launch.stopFailedAt && !hasPassed(draft, record.launch.stopFailedAt, RETRY_MS)) return;
  requestStop(draft, { reason: `the session is ${record.ending?.status ?? "over"}`, ending: null, remove: false });
}

/** Its start failed half-way, and what that left behind could not be stopped either: something may run. */
export function mayHaveLeftovers({ launch: { last: launch, stopFailedAt } }: SessionRecord): boolean {
  if (!launch?.failedAt || launch.exit !== null || !stopFailedAt) return false;
  return at(stopFailedAt) >= at(launch.failedAt);
}

/** Keeps the work, removes the checkout, archives. Never with a living agent: that one is stopped first. */
export function requestRemoval(draft: Draft, reason: string, dropUnreadable = false): void {
  const { record } = draft;
  if (record.phase === "removing" || record.phase === "archived") return;
  const ending: Ending = record.ending ?? { status: "terminated", by: "ao", reason, at: draft.now };
  if (isAlive(record) || record.launch.stopping || isInFlight(record)) {
    requestStop(draft, { reason, ending: record.ending === null ? ending : null, remove: true });
    return;
  }
  end(draft, ending);
  patch(draft, { phase: "removing", removalFailure: null });
  const key = `remove:${record.id}:${record.launch.last?.number ?? 0}`;
  act(draft, { kind: "remove", key, reason, ...(dropUnreadable ? { dropUnreadable } : {}) });
}

export function finishRemoval(draft: Draft, fact: FactOf<"removed">): void {
  if (draft.record.phase !== "removing") return;
  const { preservedPath, unreadable, at: archivedAt } = fact;
  patch(draft, { phase: "archived", isArchived: true, workspacePath: null, preservedPath, archivedAt });
  patch(draft, { notes: draft.record.notes.filter((line) => !isAboutRemoval(line)) });
  if (unreadable !== undefined) note(draft, `Not kept, because it could not be read: ${unreadable.join(", ")}`);
  for (const line of fact.notes ?? []) note(draft, line);
}

export function removalFailed(draft: Draft, reason: string, when: Iso): void {
  if (draft.record.phase === "removing") patch(draft, { phase: "ended", removalFailure: { reason, at: when } });
}

/** The clock must have been right for so long before anything is removed by it: since it was last set, or since the start. */
const STEADY_MS = 3_600_000;

/** What `cleanup:` of the config says is due, counted from the last activity. */
export function cleanUp(draft: Draft): void {
  const { record } = draft;
  const afterMs = cleanupAfterMs(record, draft.ctx.policy);
  if (afterMs === null || isAlive(record) || isInFlight(record) || record.launch.stopping) return;
  const failedAt = record.removalFailure?.at;
  if (failedAt !== undefined && !hasPassed(draft, failedAt, RETRY_MS)) return;
  const since = latest(record.lastActivityAt, record.ending?.at);
  if (!hasPassed(draft, since, afterMs)) return;
  if (!hasPassed(draft, draft.ctx.watchedSinceMs, Math.min(afterMs, STEADY_MS))) return;
  requestRemoval(draft, `cleanup: ${record.ending?.status ?? "its pull request was closed"}`);
}

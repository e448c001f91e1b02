import { ABORTED, type Happening, isBusy, type Seen } from "./seen.ts";
import type { Failure, MessageInfo } from "./wire.ts";

/** After these the turn goes on. */
const GOES_ON = new Set(["tool-calls", "unknown"]);

/**
 * The complete answer to the last message ends the turn. OpenCode reports that it is idle only after it has compared and stored the
 * checkout's files, which takes a second on a busy machine.
 */
export function endedBy(seen: Seen, { id, finish, parentID, summary, error }: MessageInfo, at: number): Happening[] {
  const running = seen.statuses.get(seen.root);
  if (running === undefined) return [];
  if (finish === undefined) {
    // Another answer: it works again.
    if (seen.answer !== id) delete running.isFinished;
    seen.answer = id;
    return [];
  }
  const isLast = parentID !== undefined && parentID === seen.lastPrompt && seen.unanswered === null;
  const ends = isLast && !GOES_ON.has(finish) && summary !== true && error === undefined;
  const isPending = [...seen.tools.values()].some(({ conversation }) => conversation === seen.root);
  if (!ends || isPending || running.isFinished === true) return [];
  const wasBusy = isBusy(seen);
  running.isFinished = true;
  seen.answer = id;
  if (!wasBusy || isBusy(seen)) return [];
  seen.restedAt = at;
  return [{ kind: "turn-over" }];
}

/** A user message has its first answer. */
export function answeredBy(seen: Seen, { parentID }: MessageInfo): Happening[] {
  if (parentID === undefined || parentID !== seen.unanswered?.id) return [];
  seen.unanswered = null;
  return [{ kind: "answered", id: parentID }];
}

/** The same error is told again, with its stack, once the turn is over. */
const AGAIN_MS = 1_000;

export function noteFailure(seen: Seen, failure: Failure, at: number): void {
  const known = seen.failure;
  const isAgain = known !== null && !isBusy(seen) && at - known.at < AGAIN_MS && known.failure.name === failure.name;
  if (!isAgain) seen.failure = { failure, at };
  // Messages queued behind the turn that the user interrupted wait as well.
  if (failure.name === ABORTED) seen.unanswered = null;
}

/** A turn that failed before its message was answered (an unknown model). A message that came later waits for a turn of its own. */
export function unseenBy(seen: Seen, conversation: string): Happening[] {
  const running = seen.statuses.get(conversation);
  const { failure, unanswered } = seen;
  if (conversation !== seen.root || running === undefined || failure === null || unanswered === null) return [];
  if (running.prompt !== unanswered.id || failure.failure.name === ABORTED) return [];
  seen.unanswered = null;
  return [{ kind: "unseen", id: unanswered.id, why: failure.failure.data?.message ?? failure.failure.name }];
}

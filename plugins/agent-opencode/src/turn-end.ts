import { type Happening, isBusy, type Seen } from "./seen.ts";
import type { MessageInfo } from "./wire.ts";

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

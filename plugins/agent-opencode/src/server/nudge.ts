import type { Clock, Log, Session } from "@agent-orchestrator/core/slots/common";
import { handAgain, messageNotes } from "./hand-over.ts";
import type { Reached } from "./reach.ts";
import { isBusy, type Seen, type Unanswered } from "./seen.ts";

/** How long to wait after the message, or after the previous turn. On a busy machine a turn starts seconds later by itself. */
const PAUSES_MS = [2_000, 6_000, 15_000];

/**
 * OpenCode keeps a message that arrives just when a turn ends, but starts no turn with it (seen in 1.18.33, always right after an error).
 * Sent again under the same id, it is still one message, and is answered.
 */
export class Nudge {
  readonly #means: { session: Session; clock: Clock; log: Log };
  #tried: { id: string; times: number } = { id: "", times: 0 };

  constructor(means: { session: Session; clock: Clock; log: Log }) {
    this.#means = means;
  }

  /** When to send the waiting message again. Null if there is none, or it is not ours. */
  due(seen: Seen): number | null {
    const { unanswered } = seen;
    if (unanswered === null || unanswered.text === null || isBusy(seen) || seen.asks.size > 0) return null;
    const pause = PAUSES_MS[this.#timesOf(unanswered)];
    if (pause === undefined || messageNotes(this.#means.session.sessionDir).ownerOf(unanswered.id) === null)
      return null;
    return Math.max(unanswered.created, seen.restedAt) + pause;
  }

  async act(seen: Seen, reached: Reached, signal: AbortSignal): Promise<void> {
    const { clock, log, session } = this.#means;
    const due = this.due(seen);
    const { unanswered, root } = seen;
    if (due === null || unanswered?.text == null || clock.now() < due) return;
    const { id, text } = unanswered;
    this.#tried = { id, times: this.#timesOf(unanswered) + 1 };
    log.warn(`OpenCode began no turn with a message of ${session.id}: it is sent again`);
    await handAgain(reached, { conversation: root, id, text, signal });
  }

  #timesOf({ id }: Unanswered): number {
    return this.#tried.id === id ? this.#tried.times : 0;
  }
}

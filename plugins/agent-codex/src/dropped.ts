import { toIso } from "@agent-orchestrator/core/host/clock";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Memory } from "./follow.ts";
import type { Sent } from "./sent.ts";
import type { Teller } from "./teller.ts";

/** A message delivered at the same moment as the interrupt starts its own turn, and has its receipt by then. */
const RECEIPT_MS = 2_000;

export interface DroppedOptions {
  memory: Memory;
  sent: Sent;
  teller: Teller;
  clock: Clock;
  /** Looks again after this time, and does this first. */
  later(ms: number, first: () => void): void;
}

/** When a turn is interrupted, Codex silently drops what waits for the next tool call. This reports those messages. */
export interface Dropped {
  /** A turn of the conversation has just ended. */
  turnEnded(): void;
  /** The server reported how the last turn ended. It may have ended long ago, or another one may run that we don't know yet. */
  endingLearned(): void;
}

export function createDropped({ memory, sent, teller, clock, later }: DroppedOptions): Dropped {
  function giveUpSoon(isSo: () => boolean): void {
    const ids = isInterrupted(memory) ? [...sent.waiting()] : [];
    if (ids.length === 0) return;
    later(RECEIPT_MS, () => {
      const waiting = new Set(isSo() ? sent.waiting() : []);
      for (const id of ids) if (waiting.has(id)) giveUp(id);
    });
  }

  function giveUp(messageId: string): void {
    sent.giveUp(messageId);
    const reason = "it waited in Codex when the turn was interrupted, and Codex drops waiting messages";
    teller.tell({ kind: "unconfirmed", messageId, reason, at: toIso(clock.now()) });
  }

  return {
    turnEnded: () => giveUpSoon(() => true),
    endingLearned: () => giveUpSoon(() => isInterrupted(memory)),
  };
}

const isInterrupted = ({ main, turns, ending }: Memory): boolean =>
  main !== null && !turns.has(main.id) && ending?.how === "was interrupted";

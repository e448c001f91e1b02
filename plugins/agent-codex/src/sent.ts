import { join } from "node:path";
import { keptFile } from "@agent-orchestrator/agent-kit/kept";
import { toIso } from "@agent-orchestrator/core/host/clock";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";
import type { Memory } from "./server/follow.ts";
import type { Teller } from "./teller.ts";

const KEPT = 200;

/** The ids of messages that were started in this session. They are on disk before the first byte is sent, so none is started twice. */
export interface Sent {
  has(id: string): boolean;
  begin(id: string): void;
  /** The server has answered that it took it. */
  answered(id: string): void;
  isAnswered(id: string): boolean;
  /** It certainly was not delivered. */
  undo(id: string): void;
  isAccepted(id: string): boolean;
  /** True if this receipt is seen for the first time. */
  accept(id: string): boolean;
  /** Those that wait for their receipt, including from before a restart of the daemon. */
  waiting(): readonly string[];
  /** No receipt is expected any more. One that comes anyway still counts. */
  giveUp(id: string): void;
}

export function openSent(sessionDir: string): Sent {
  const begun = openIds(sessionDir, "codex-sent.json");
  const waiting = openIds(sessionDir, "codex-waiting.json");
  const answered = openIds(sessionDir, "codex-answered.json");
  const accepted = new Set<string>();
  return {
    has: begun.has,
    begin(id) {
      begun.add(id);
      waiting.add(id);
    },
    answered: answered.add,
    isAnswered: answered.has,
    undo(id) {
      begun.remove(id);
      waiting.remove(id);
    },
    isAccepted: (id) => accepted.has(id),
    accept(id) {
      if (!begun.has(id) || accepted.has(id)) return false;
      accepted.add(id);
      waiting.remove(id);
      return true;
    },
    waiting: waiting.all,
    giveUp: waiting.remove,
  };
}

/** A list of ids in a file of the session's folder. */
function openIds(sessionDir: string, name: string) {
  const file = keptFile(join(sessionDir, name), z.array(z.string()));
  let ids = file.read() ?? [];
  function write(next: string[]): void {
    file.write(next.slice(-KEPT));
    ids = next;
  }
  return {
    all: (): readonly string[] => ids,
    has: (id: string): boolean => ids.includes(id),
    add: (id: string): void => write([...ids, id]),
    remove(id: string): void {
      if (ids.includes(id)) write(ids.filter((each) => each !== id));
    },
  };
}

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

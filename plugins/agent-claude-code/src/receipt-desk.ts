import { toIso } from "@agent-orchestrator/core/host/clock";
import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { stagesOf } from "./draft.ts";
import { type Draft, draftFile } from "./launch-note.ts";
import { isSameMessage, squeezed, unwrapped, type Way } from "./receipts.ts";
import type { Tail } from "./tail.ts";
import { isWords } from "./transcript-line.ts";
import { withoutTaken } from "./waiting.ts";

/** Reports each message that the agent accepted once, and whose it is. */
export class ReceiptDesk {
  /** The prompt that an interrupt put back into the input box, if any. It was never answered. */
  putBack: string | null = null;
  #lastTaken: string | null = null;
  readonly #options: ReceiptDeskOptions;
  readonly #listeners = new Set<(text: string) => void>();

  constructor(options: ReceiptDeskOptions) {
    this.#options = options;
  }

  /** Calls back for each message from now on, with its text as reported. */
  onReceipt(listener: (text: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  interrupting(): void {
    this.putBack = this.#lastTaken;
  }

  take(way: Way, raw: string, at: string): void {
    if (!isWords(raw)) return;
    const { sessionDir, emit, clock, tail, launch } = this.#options;
    const text = unwrapped(raw);
    this.#lastTaken = text;
    if (way === "prompt") tail.waiting = withoutTaken(tail.waiting, text);
    if (!tail.isNewReceipt(way, text)) return;
    this.putBack = null; // Whatever was in the box was sent, or replaced by this.
    const file = draftFile(sessionDir);
    const draft = file.read();
    const isOurs = draft !== null && isSameMessage(raw, draft.text);
    // Newer versions run a prompt's hook as soon as it is queued.
    if (isOurs && way !== "prompt") tail.waiting = [...tail.waiting, { id: draft.id, text, launch }];
    const isMerged = !isOurs && draft !== null && wentAlong(draft, text);
    if (isOurs || isMerged) file.write({ ...draft, isOver: true, ...(isMerged && { isMerged }) });
    emit({ kind: "accepted", ...(isOurs ? { messageId: draft.id } : { text }), at: timeOr(at, clock) });
    for (const listener of this.#listeners) listener(raw);
  }

  /** Its queue is empty, so all were taken, in whatever form. */
  turnEnded(): void {
    this.#options.tail.waiting = [];
  }

  /** A program ended, and with it its queue. `isOver`: this launch's own. Reports what it had confirmed and never taken. */
  queueGone(isOver: boolean): void {
    const { tail, emit, clock, launch } = this.#options;
    const lost = tail.stillWaiting().filter((each) => isOver || each.launch !== launch);
    for (const { id } of lost) emit({ kind: "lost", messageId: id, at: toIso(clock.now()) });
    tail.waiting = isOver ? [] : tail.waiting.filter((each) => each.launch === launch);
  }
}

/** Fewer letters could match anything. */
const TELLING = 8;

/** Whether our unfinished text is part of what was sent: what a dialog made us leave in the box, or a daemon that was killed. */
function wentAlong({ text: whole, left, isOver, isEntered }: Draft, text: string): boolean {
  if (isOver === true || isEntered === true) return false;
  const ours = left === undefined ? stagesOf(whole).filter((stage) => squeezed(stage).length >= TELLING) : [left];
  return ours.some((each) => each !== "" && squeezed(text).includes(squeezed(each)));
}

export interface ReceiptDeskOptions {
  sessionDir: string;
  launch: number;
  /** Stores what waits in the queue. */
  tail: Pick<Tail, "waiting" | "stillWaiting" | "isNewReceipt">;
  emit(fact: AgentFact): void;
  clock: Clock;
}

/** The program's own time, if it reported one. */
export const timeOr = (at: string, clock: Clock): string => (Number.isNaN(Date.parse(at)) ? toIso(clock.now()) : at);

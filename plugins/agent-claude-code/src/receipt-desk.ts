import { toIso } from "@agent-orchestrator/core/host/clock";
import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { Draft, placesIn, readJson, writeJson } from "./launch-note.ts";
import { isSameMessage, squeezed, unwrapped, type Way } from "./receipts.ts";
import { isWords } from "./transcript-line.ts";

/** Tells of each message that the agent took, once, and whose it is. */
export class ReceiptDesk {
  /** The prompt that an interrupt put back into the input box, if it did: it was answered by nobody. */
  putBack: string | null = null;
  #lastTaken: string | null = null;
  readonly #options: ReceiptDeskOptions;
  readonly #listeners = new Set<(text: string) => void>();

  constructor(options: ReceiptDeskOptions) {
    this.#options = options;
  }

  /** Calls for each message from now on, with its text as it was told. */
  onReceipt(listener: (text: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  interrupting(): void {
    this.putBack = this.#lastTaken;
  }

  take(way: Way, raw: string, at: string): void {
    if (!isWords(raw)) return;
    const { sessionDir, isNews, emit, clock } = this.#options;
    const text = unwrapped(raw);
    this.#lastTaken = text;
    if (!isNews(way, text)) return;
    this.putBack = null; // Whatever stood in the box was sent, or replaced by this.
    const file = placesIn(sessionDir).draft;
    const draft = readJson(file, Draft);
    const isOurs = draft !== null && isSameMessage(raw, draft.text);
    const isMerged = !isOurs && draft !== null && wentAlong(draft, text);
    if (isOurs || isMerged) writeJson(file, { ...draft, isOver: true, ...(isMerged && { isMerged }) } satisfies Draft);
    emit({ kind: "accepted", ...(isOurs ? { messageId: draft.id } : { text }), at: timeOr(at, clock) });
    for (const listener of this.#listeners) listener(raw);
  }
}

/** Whether what a dialog made us leave in the box is a part of what was sent. */
const wentAlong = ({ left, isOver }: Draft, text: string): boolean =>
  isOver !== true && left !== undefined && left !== "" && squeezed(text).includes(squeezed(left));

export interface ReceiptDeskOptions {
  sessionDir: string;
  isNews(way: Way, text: string): boolean;
  emit(fact: AgentFact): void;
  clock: Clock;
}

/** The program's own time, where it told one. */
export const timeOr = (at: string, clock: Clock): string => (Number.isNaN(Date.parse(at)) ? toIso(clock.now()) : at);

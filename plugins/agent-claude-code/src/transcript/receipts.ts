import { createHash } from "node:crypto";
import { parseJson } from "@agent-orchestrator/agent-kit/kept";
import { textFrom } from "@agent-orchestrator/agent-kit/text-end";
import { toIso } from "@agent-orchestrator/core/host/clock";
import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";
import { type Draft, draftFile } from "../launch/note.ts";
import { stagesOf } from "../screen/draft.ts";
import { isWords, readLine } from "./line.ts";
import type { Tail } from "./tail.ts";

/** How often each of the latest texts was seen in each source, and reported. */
export const ReceiptCounts = z.array(
  z.object({ key: z.string(), hook: z.number(), queue: z.number(), prompt: z.number(), told: z.number() }),
);
export type ReceiptCounts = z.infer<typeof ReceiptCounts>;
export type Way = "hook" | "queue" | "prompt";

const MAX_TEXTS = 24;

/**
 * One message shows up as many as three times: in its hook, in the queue it waited in, in the transcript. It is reported once, when any
 * source has seen the text more often than it was reported. Pure.
 */
export function countReceipt(
  counts: ReceiptCounts,
  way: Way,
  text: string,
): { counts: ReceiptCounts; isNews: boolean } {
  const key = keyOf(text);
  const before = counts.find((each) => each.key === key) ?? { key, hook: 0, queue: 0, prompt: 0, told: 0 };
  const seen = { ...before, [way]: before[way] + 1 };
  const isNews = seen[way] > seen.told;
  const others = counts.filter((each) => each.key !== key);
  const entry = { ...seen, told: isNews ? seen.told + 1 : seen.told };
  return { counts: [...others, entry].slice(-MAX_TEXTS), isNews };
}

const keyOf = (text: string): string =>
  createHash("sha256")
    .update(squeezed(unwrapped(text)))
    .digest("base64url")
    .slice(0, 16);

/** Compares drawn text. Rows wrap at white space, and the program composes letters with their marks. */
export const squeezed = (text: string): string => text.normalize("NFC").replace(/\s+/g, "");

/** Compares reported text. The amount of white space between words may differ, but not whether there is any. */
const asTold = (text: string): string =>
  unwrapped(text)
    .replace(/\p{Cf}+/gu, "")
    .normalize("NFC")
    .replace(/\s+/g, " ")
    .trim();

/** Whether the accepted text is the typed one. Text that was wrapped as pasted may have been cut anywhere. */
export const isSameMessage = (taken: string, typed: string): boolean =>
  taken === unwrapped(taken) ? asTold(taken) === asTold(typed) : squeezed(unwrapped(taken)) === squeezed(typed);

/** Newer versions wrap pasted text. */
const unwrapped = (text: string): string => text.replace(/<\/?pasted_content\b[^>]*>/g, "");

/** Our messages that a hook or the program's own queue has confirmed, and no turn has taken yet. A program that ends loses its queue. */
export const Waiting = z.array(z.object({ id: z.string(), text: z.string(), launch: z.number() }));
export type Waiting = z.infer<typeof Waiting>;

/** Without those that a prompt of the program has taken: one, or several in one. */
function withoutTaken(waiting: Waiting, prompt: string): Waiting {
  const lines = linesOf(prompt);
  const same = waiting.find(({ text }) => squeezed(unwrapped(text)) === squeezed(unwrapped(prompt)));
  if (same !== undefined) return waiting.filter((each) => each !== same);
  return waiting.filter(({ text }) => !lines.includes(linesOf(text)));
}

const linesOf = (text: string): string => `\n${unwrapped(text).trim()}\n`;

/** The same for the unread rest of a transcript, because the program may have ended right after it took one. */
export function withoutTakenIn(waiting: Waiting, path: string, offset: number): Waiting {
  if (waiting.length === 0) return waiting;
  let left = waiting;
  // Not all of it, because a transcript may have 100 MB, and all but its end was read before.
  for (const line of (textFrom(path, offset) ?? "").split("\n")) {
    for (const event of readLine(parseJson(line))) if (event.kind === "prompt") left = withoutTaken(left, event.text);
  }
  return left;
}

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

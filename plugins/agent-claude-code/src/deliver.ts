import { type AtTerminal, callOf, pressAt } from "@agent-orchestrator/agent-kit/terminal";
import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import type { DeliveryResult, OutgoingMessage } from "@agent-orchestrator/core/slots/agent";
import type { Session } from "@agent-orchestrator/core/slots/common";
import { lookUp } from "@agent-orchestrator/plugin-kit/process";
import { type Draft, draftFile, placesIn } from "./launch/note.ts";
import { usesVimKeys } from "./launch/user-settings.ts";
import { clearBox, ensureLetters, isTyped } from "./screen/box.ts";
import { holdsExactly, isLeftOver, type Shown } from "./screen/draft.ts";
import { wakeUp } from "./screen/put-aside.ts";
import { type Seen, seenNow } from "./screen/screen.ts";
import { takeBack } from "./screen/take-back.ts";
import { type TypingGuard, typingGuard } from "./screen/typing-guard.ts";
import { isSameMessage, squeezed } from "./transcript/receipts.ts";
import type { SessionWatch } from "./watch.ts";
import { asFile, asOwnWords, asTyped, MAX_TYPED_BYTES } from "./words.ts";

/** The hook reports within about 100 ms. A busy machine needs longer. */
const RECEIPT_MS = 3_000;
/** Time for the program to draw its box after its start or after a dialog. */
const BOX_TRIES = 25;
const BOX_MS = 200;
/** A program that was suspended redraws itself. */
const WAKE_MS = 500;
/** Fewer letters could match anything. */
const TELLING = 8;

export interface Delivery extends AtTerminal {
  session: Session;
  message: OutgoingMessage;
  watch: SessionWatch;
  /** What stands in the box may be questioned. */
  isDraftOld: boolean;
}

const AMONG: DeliveryResult = {
  outcome: "unconfirmed",
  reason: "somebody typed at the same moment, and the message is mixed with their text",
};
const ALONG: DeliveryResult = { outcome: "unconfirmed", reason: "it was sent together with text that somebody typed" };
const HUMAN: DeliveryResult = { outcome: "deferred", because: "human" };

/** Types one message into the input box, and waits a moment for the receipt. */
export async function deliver(delivery: Delivery): Promise<DeliveryResult> {
  const { message, watch } = delivery;
  const before = draftOf(delivery);
  const isSecondTry = before?.id === message.id;
  if (isSecondTry && before.isMerged === true) return ALONG;
  if (isSecondTry && before.isEntered === true) return await afterEnter(delivery, before);
  const found = await findBox(delivery);
  if (found === "suspended") return HUMAN;
  if (found === "asking" || found === "unreadable") return { outcome: "deferred", because: found };
  if (!found.isPrompt) return HUMAN;
  if (found.draft !== "" && !isOurs(delivery, found) && !(await isOnlyDrawn(delivery, found.draft))) {
    const left = isSecondTry ? before.left : undefined;
    return left === undefined || !squeezed(found.draft).includes(squeezed(left)) ? HUMAN : untangle(delivery, left);
  }
  await ensureLetters(delivery, usesVimKeys(watch.options.note.configDir));
  if ((await look(delivery)).draft !== "") await clearBox(delivery);
  return await type(delivery, wordsFor(delivery), attemptAfter(isSecondTry ? before : null));
}

/**
 * Null: the first. A daemon that was killed before the Enter left at most a draft, which is ours and is cleared by now. So the text is typed
 * again, under another id of the runtime's. A guard that refused has freed the id.
 */
function attemptAfter(before: Draft | null): number {
  const { attempt = 0, isOver, left } = before ?? {};
  return before === null || isOver === true || left !== undefined ? attempt : attempt + 1;
}

/** A daemon was killed just before or after the Enter. What stands in the box complete was not sent, and an empty box takes one more Enter. */
async function afterEnter(delivery: Delivery, { text, isOver }: Draft): Promise<DeliveryResult> {
  if (isOver === true) return { outcome: "accepted" };
  const receipt = awaitReceipt(delivery, text);
  delivery.watch.poke();
  if ((await receipt.within(RECEIPT_MS)) || draftOf(delivery)?.isOver === true) return { outcome: "accepted" };
  if (await enterAgain(delivery, text, receipt)) return { outcome: "accepted" };
  receipt.cancel();
  return receipt.wentAlong() ? ALONG : { outcome: "written" };
}

/** Asked only of a text that has stood there for long, because finding out takes a key. */
async function isOnlyDrawn(delivery: Delivery, draft: string): Promise<boolean> {
  const { watch, isDraftOld } = delivery;
  if (!isDraftOld || foundTyped.get(watch) === draft || watch.isAsking || isSuspended(delivery)) return false;
  if (!(await isTyped(delivery))) return true;
  foundTyped.set(watch, draft);
  return false;
}

/** The draft that was questioned last, by session, and that somebody did type. It is not questioned again. */
const foundTyped = new WeakMap<SessionWatch, string>();

/** What is typed for a message: its text, or for a very long one a line that names its file. */
function wordsFor({ session, message, watch }: Delivery): string {
  const words = asTyped(asOwnWords(message.text, watch.signals.status?.version ?? null));
  const isLong = Buffer.byteLength(words) > MAX_TYPED_BYTES;
  return isLong ? asFile(placesIn(session.sessionDir).messages, message.id, message.text) : words;
}

async function type(delivery: Delivery, typed: string, attempt: number): Promise<DeliveryResult> {
  const { message, watch, terminal } = delivery;
  const receipt = awaitReceipt(delivery, typed);
  const draft: Draft = { id: message.id, text: typed, ...(attempt > 0 && { attempt }) };
  writeDraft(delivery, draft);
  // The trailing blank closes menus that the last word may have opened. The program strips it.
  const text = `${typed} `;
  const onEnter = () => writeDraft(delivery, { ...draft, isEntered: true });
  const guard = typingGuard({ ...delivery, text, isSuspended: () => isSuspended(delivery), onEnter });
  const id = attempt === 0 ? message.id : `${message.id}-${attempt}`;
  try {
    await terminal.write({ id, text, how: "typed", guard: () => guard.ask() }, callOf(delivery));
  } catch (error) {
    receipt.cancel();
    if (guard.stopped === null || !isAoError(error) || error.code !== "REFUSED") throw error;
    return await stopped(delivery, draft, guard);
  }
  if ((await receipt.within(RECEIPT_MS)) || (await enterAgain(delivery, typed, receipt))) {
    return { outcome: "accepted" };
  }
  receipt.cancel();
  watch.poke();
  return receipt.wentAlong() ? ALONG : { outcome: "written" };
}

/** The result for a message whose typing was started. It is retried only if no part of it can be sent with somebody's own text. */
async function stopped(delivery: Delivery, draft: Draft, guard: TypingGuard): Promise<DeliveryResult> {
  const because = guard.stopped ?? "human";
  if (guard.typed === "") {
    writeDraft(delivery, { ...draft, isOver: true });
    return { outcome: "deferred", because };
  }
  writeDraft(delivery, { ...draft, left: guard.typed });
  return because === "human" ? untangle(delivery, guard.typed) : { outcome: "deferred", because };
}

/** Our text is mixed with what somebody typed. */
async function untangle(delivery: Delivery, ours: string): Promise<DeliveryResult> {
  const isBack = await takeBack(delivery, ours);
  const { id } = delivery.message;
  const { left: _, ...draft } = draftOf(delivery) ?? { id, text: ours };
  writeDraft(delivery, { ...draft, id, isOver: true });
  return isBack ? HUMAN : AMONG;
}

const draftOf = ({ session }: Delivery): Draft | null => draftFile(session.sessionDir).read();

const writeDraft = ({ session }: Delivery, draft: Draft): void => draftFile(session.sessionDir).write(draft);

/** Whatever reads next would take what is typed now. */
const isSuspended = ({ watch: { pid } }: Delivery): boolean => pid !== null && lookUp(pid)?.isStopped === true;

type Found = Shown & { isPrompt: boolean };

/** Waits for the input box. A message is never typed into anything else. */
async function findBox(delivery: Delivery): Promise<Found | "asking" | "suspended" | "unreadable"> {
  const { watch, clock, signal } = delivery;
  let isPutAside = false;
  let isDialog = false;
  for (let tries = 0; tries < BOX_TRIES; tries++) {
    if (watch.isAsking) return "asking";
    const seen = await look(delivery);
    const { draft, isPrompt, isWhole } = seen;
    isDialog = seen.dialog !== null;
    if (seen.isSuspended && !isPutAside) {
      isPutAside = true;
      wakeUp(watch.pid);
      await clock.sleep(WAKE_MS, signal);
      continue;
    }
    if (isSuspended(delivery)) return "suspended";
    if (draft !== null) return { draft, isPrompt, isWhole };
    await clock.sleep(BOX_MS, signal);
  }
  if (isPutAside) return "suspended";
  return isDialog ? "asking" : "unreadable";
}

async function look(delivery: Delivery): Promise<Seen> {
  const seen = await seenNow(delivery);
  if (seen === null) throw new AoError("UNAVAILABLE", "this runtime has no screen to type into");
  return seen;
}

/** Whether the box contains only our text: typed and not sent, or put back there by an early interrupt. */
function isOurs(delivery: Delivery, shown: Shown): boolean {
  const last = draftOf(delivery);
  if (last !== null && last.isOver !== true && isLeftOver(shown, last.text)) return true;
  const { putBack } = delivery.watch.receipts;
  return putBack !== null && holdsExactly(shown, putBack);
}

interface Receipt {
  within(ms: number): Promise<boolean>;
  /** Somebody typed a letter between our last look and the Enter. There will be no other receipt. */
  wentAlong(): boolean;
  cancel(): void;
}

function awaitReceipt({ watch, clock, signal }: Delivery, text: string): Receipt {
  const done = new AbortController();
  let isTaken = false;
  let isAmong = false;
  const cancel = watch.receipts.onReceipt((taken) => {
    isTaken = isSameMessage(taken, text);
    isAmong ||=
      !isTaken &&
      squeezed(text).length >= TELLING &&
      squeezed(taken) !== squeezed(text) &&
      squeezed(taken).includes(squeezed(text));
    if (!isTaken && !isAmong) return;
    done.abort();
    cancel();
  });
  return {
    cancel,
    wentAlong: () => isAmong && !isTaken,
    async within(ms) {
      const both = signal === undefined ? done.signal : AbortSignal.any([done.signal, signal]);
      await clock.sleep(ms, both).catch(() => undefined); // It arrived, or the caller gave up.
      signal?.throwIfAborted();
      return isTaken;
    },
  };
}

/** An Enter that arrives while the program draws becomes a line feed, and the text stays in the box. Presses Enter once more, and never types the text again. */
async function enterAgain(delivery: Delivery, typed: string, receipt: Receipt): Promise<boolean> {
  if (delivery.watch.isAsking || isSuspended(delivery)) return false;
  const { draft, isPrompt, isWhole } = await look(delivery);
  if (draft === null || draft === "" || !isPrompt || !holdsExactly({ draft, isWhole }, typed)) return false;
  await pressAt(delivery, ["Enter"]);
  return receipt.within(RECEIPT_MS);
}

import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import type { DeliveryResult, OutgoingMessage } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock, Session } from "@agent-orchestrator/core/slots/common";
import { lookUp } from "@agent-orchestrator/plugin-kit/process";
import { holdsExactly, isLeftOver, type Shown } from "./draft.ts";
import { clearBox, ensureLetters } from "./input-box.ts";
import { Draft, placesIn, readJson, writeJson } from "./launch-note.ts";
import { wakeUp } from "./put-aside.ts";
import { isSameMessage, squeezed } from "./receipts.ts";
import { readScreen, type Seen } from "./screen.ts";
import { takeBack } from "./take-back.ts";
import { type TypingGuard, typingGuard } from "./typing-guard.ts";
import { usesVimKeys } from "./user-settings.ts";
import type { SessionWatch } from "./watch.ts";
import { asFile, asOwnWords, asTyped, MAX_TYPED_BYTES } from "./words.ts";

/** The hook tells within some 100 ms; a busy machine needs longer. */
const RECEIPT_MS = 3_000;
/** Time for the program to draw its box: it has just started, or a dialog was closed. */
const BOX_TRIES = 25;
const BOX_MS = 200;
/** A program that was put aside draws itself anew. */
const WAKE_MS = 500;
/** Fewer letters may be found in anything. */
const TELLING = 8;

export interface Delivery {
  session: Session;
  message: OutgoingMessage;
  watch: SessionWatch;
  terminal: AgentTerminal;
  clock: Clock;
  signal: AbortSignal | undefined;
}

const AMONG: DeliveryResult = {
  outcome: "unconfirmed",
  reason: "a human typed in the same moment, and its words stand among theirs",
};
const ALONG: DeliveryResult = { outcome: "unconfirmed", reason: "it went out together with a human's words" };
const HUMAN: DeliveryResult = { outcome: "deferred", because: "human" };

/** Types one message into the input box, and waits a moment for the receipt. */
export async function deliver(delivery: Delivery): Promise<DeliveryResult> {
  const { message, watch } = delivery;
  const before = draftOf(delivery);
  const isSecondTry = before?.id === message.id;
  if (isSecondTry && before.isMerged === true) return ALONG;
  const found = await findBox(delivery);
  if (found === "suspended") return HUMAN;
  if (found === "asking") return { outcome: "deferred", because: "asking" };
  if (!found.isPrompt) return HUMAN;
  if (found.draft !== "" && !isOurs(delivery, found)) {
    const left = isSecondTry ? before.left : undefined;
    return left === undefined || !squeezed(found.draft).includes(squeezed(left)) ? HUMAN : untangle(delivery, left);
  }
  await ensureLetters(delivery, usesVimKeys(watch.configDir));
  if (found.draft !== "") await clearBox(delivery);
  return await type(delivery, wordsFor(delivery));
}

/** What is typed for a message: its words, or of a very long one a line that names its file. */
function wordsFor({ session, message, watch }: Delivery): string {
  const words = asTyped(asOwnWords(message.text, watch.signals.status?.version ?? null));
  const isLong = Buffer.byteLength(words) > MAX_TYPED_BYTES;
  return isLong ? asFile(placesIn(session.sessionDir).messages, message.id, message.text) : words;
}

async function type(delivery: Delivery, typed: string): Promise<DeliveryResult> {
  const { message, watch, terminal } = delivery;
  const receipt = awaitReceipt(delivery, typed);
  writeDraft(delivery, { id: message.id, text: typed });
  // The blank at the end closes menus that the last word may have opened; the program takes it off.
  const text = `${typed} `;
  const guard = typingGuard({ ...delivery, text, isSuspended: () => isSuspended(delivery) });
  try {
    await terminal.write({ id: message.id, text, how: "typed", guard: () => guard.ask() }, signalOf(delivery));
  } catch (error) {
    receipt.cancel();
    if (guard.stopped === null || !isAoError(error) || error.code !== "REFUSED") throw error;
    return await stopped(delivery, typed, guard);
  }
  if ((await receipt.within(RECEIPT_MS)) || (await enterAgain(delivery, typed, receipt))) {
    return { outcome: "accepted" };
  }
  receipt.cancel();
  watch.poke();
  return receipt.wentAlong() ? ALONG : { outcome: "written" };
}

/** What becomes of a message that was begun. It is only tried again when nothing of it can go out with a human's words. */
async function stopped(delivery: Delivery, typed: string, guard: TypingGuard): Promise<DeliveryResult> {
  const { id } = delivery.message;
  if (guard.typed === "") {
    writeDraft(delivery, { id, text: typed, isOver: true });
    return { outcome: "deferred", because: guard.stopped ?? "human" };
  }
  writeDraft(delivery, { id, text: typed, left: guard.typed });
  return guard.stopped === "asking" ? { outcome: "deferred", because: "asking" } : untangle(delivery, guard.typed);
}

/** Our words stand among a human's. */
async function untangle(delivery: Delivery, ours: string): Promise<DeliveryResult> {
  const isBack = await takeBack(delivery, ours);
  writeDraft(delivery, { id: delivery.message.id, text: draftOf(delivery)?.text ?? ours, isOver: true });
  return isBack ? HUMAN : AMONG;
}

const draftOf = ({ session }: Delivery): Draft | null => readJson(placesIn(session.sessionDir).draft, Draft);

const writeDraft = ({ session }: Delivery, draft: Draft): void => writeJson(placesIn(session.sessionDir).draft, draft);

const signalOf = ({ signal }: Delivery) => (signal === undefined ? {} : { signal });

/** What is typed now would be taken by whatever reads next. */
const isSuspended = ({ watch: { pid } }: Delivery): boolean => pid !== null && lookUp(pid)?.isStopped === true;

/** Waits for the input box: a message never goes into anything else. */
async function findBox(delivery: Delivery): Promise<(Shown & { isPrompt: boolean }) | "asking" | "suspended"> {
  const { watch, clock, signal } = delivery;
  let isPutAside = false;
  for (let tries = 0; tries < BOX_TRIES; tries++) {
    if (watch.isAsking) return "asking";
    const seen = await look(delivery);
    const { draft, isPrompt, isWhole } = seen;
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
  return isPutAside ? "suspended" : "asking";
}

async function look(delivery: Delivery): Promise<Seen> {
  const screen = await delivery.terminal.screen(signalOf(delivery));
  if (screen === null) throw new AoError("UNAVAILABLE", "this runtime has no screen to type into");
  return readScreen(screen);
}

/** Whether what stands in the box is ours, and nothing but ours: begun and not sent, or put back there by an early interrupt. */
function isOurs(delivery: Delivery, shown: Shown): boolean {
  const last = draftOf(delivery);
  if (last !== null && last.isOver !== true && isLeftOver(shown, last.text)) return true;
  const { putBack } = delivery.watch.receipts;
  return putBack !== null && holdsExactly(shown, putBack);
}

interface Receipt {
  within(ms: number): Promise<boolean>;
  /** A letter of a human came between our last look and the Enter: there will be no other receipt. */
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
      await clock.sleep(ms, both).catch(() => undefined); // It came, or the caller gave up.
      signal?.throwIfAborted();
      return isTaken;
    },
  };
}

/** An Enter that came while the program drew is a line feed: the text stands in the box. One more, and never a second text. */
async function enterAgain(delivery: Delivery, typed: string, receipt: Receipt): Promise<boolean> {
  const { terminal, watch } = delivery;
  if (watch.isAsking || isSuspended(delivery)) return false;
  const { draft, isPrompt, isWhole } = await look(delivery);
  if (draft === null || draft === "" || !isPrompt || !holdsExactly({ draft, isWhole }, typed)) return false;
  await terminal.press(["Enter"], signalOf(delivery));
  return receipt.within(RECEIPT_MS);
}

import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import type { DeliveryResult, OutgoingMessage } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock, Session } from "@agent-orchestrator/core/slots/common";
import { clearBox, ensureLetters } from "./input-box.ts";
import { Draft, placesIn, readJson, writeJson } from "./launch-note.ts";
import { squeezed } from "./receipts.ts";
import { readScreen } from "./screen.ts";
import { ownTailLength, typingGuard } from "./typing-guard.ts";
import { usesVimKeys } from "./user-settings.ts";
import type { SessionWatch } from "./watch.ts";
import { asFile, asOwnWords, MAX_TYPED_BYTES } from "./words.ts";

/** The hook tells within some 100 ms; a busy machine needs longer. */
const RECEIPT_MS = 3_000;
/** Time for the program to draw its box: it has just started, or a dialog was closed. */
const BOX_TRIES = 25;
const BOX_MS = 200;
/** More than was typed before the box was seen for the first time is not taken back. */
const MAX_TAKEN_BACK = 500;

export interface Delivery {
  session: Session;
  message: OutgoingMessage;
  watch: SessionWatch;
  terminal: AgentTerminal;
  clock: Clock;
  signal: AbortSignal | undefined;
}

/** Types one message into the input box, and waits a moment for the receipt. */
export async function deliver(delivery: Delivery): Promise<DeliveryResult> {
  const { session, message, watch, terminal } = delivery;
  const found = await findBox(delivery);
  if (found === "asking") return { outcome: "deferred", because: "asking" };
  if (found.draft !== "" && !isOurs(delivery, found.draft)) return { outcome: "deferred", because: "human" };
  await ensureLetters(delivery, usesVimKeys(watch.configDir));
  if (found.draft !== "") await clearBox(delivery);
  const places = placesIn(session.sessionDir);
  const words = asOwnWords(message.text, watch.signals.status?.version ?? null);
  const isLong = Buffer.byteLength(words) > MAX_TYPED_BYTES;
  const typed = isLong ? asFile(places.messages, message.id, message.text) : words;
  const receipt = awaitReceipt(delivery, typed);
  writeJson(places.draft, { id: message.id, text: typed } satisfies Draft);
  const guard = typingGuard({ ...delivery, words: typed });
  try {
    // The blank at the end closes menus that the last word may have opened; the program takes it off.
    const how = { id: message.id, text: `${typed} `, how: "typed", guard: () => guard.ask() } as const;
    await terminal.write(how, signalOf(delivery));
  } catch (error) {
    receipt.cancel();
    if (guard.stopped === null || !isAoError(error) || error.code !== "REFUSED") throw error;
    if (guard.stopped === "human") await takeBack(delivery, ownTailLength(guard.draft, `${typed} `));
    return { outcome: "deferred", because: guard.stopped };
  }
  if ((await receipt.within(RECEIPT_MS)) || (await enterAgain(delivery, typed, receipt))) {
    return { outcome: "accepted" };
  }
  receipt.cancel();
  watch.poke();
  return { outcome: "written" };
}

const signalOf = ({ signal }: Delivery) => (signal === undefined ? {} : { signal });

/** Waits for the input box: a message never goes into anything else. */
async function findBox(delivery: Delivery): Promise<{ draft: string } | "asking"> {
  const { watch, terminal, clock, signal } = delivery;
  for (let tries = 0; tries < BOX_TRIES; tries++) {
    if (watch.isAsking) return "asking";
    const screen = await terminal.screen(signalOf(delivery));
    if (screen === null) throw new AoError("UNAVAILABLE", "this runtime has no screen to type into");
    const { draft } = readScreen(screen);
    if (draft !== null) return { draft };
    await clock.sleep(BOX_MS, signal);
  }
  return "asking";
}

/** Our words behind somebody's half a thought, which was not drawn yet when we began: theirs stay. */
async function takeBack(delivery: Delivery, length: number): Promise<void> {
  if (length === 0 || length > MAX_TAKEN_BACK) return;
  await delivery.terminal.press(
    Array.from({ length }, () => "BSpace" as const),
    signalOf(delivery),
  );
}

/**
 * Whether what stands in the box is ours: begun and not sent, or put back there by an early interrupt. A box that was scrolled shows only
 * a part.
 */
function isOurs({ session, watch }: Delivery, draft: string): boolean {
  const shown = squeezed(draft);
  const ours = [readJson(placesIn(session.sessionDir).draft, Draft)?.text, watch.receipts.putBack];
  return ours.some((text) => text !== undefined && text !== null && squeezed(text).includes(shown));
}

interface Receipt {
  within(ms: number): Promise<boolean>;
  cancel(): void;
}

function awaitReceipt({ watch, clock, signal }: Delivery, text: string): Receipt {
  const wanted = squeezed(text);
  const done = new AbortController();
  let isTaken = false;
  const cancel = watch.receipts.onReceipt((taken) => {
    if (squeezed(taken) !== wanted) return;
    isTaken = true;
    done.abort();
    cancel();
  });
  return {
    cancel,
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
  if (watch.isAsking) return false;
  const screen = await terminal.screen(signalOf(delivery));
  const draft = screen === null ? null : readScreen(screen).draft;
  if (draft === null || draft === "" || !squeezed(typed).endsWith(squeezed(draft).slice(-200))) return false;
  await terminal.press(["Enter"], signalOf(delivery));
  return receipt.within(RECEIPT_MS);
}

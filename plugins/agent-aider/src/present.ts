import { statSync } from "node:fs";
import { screenAt } from "@agent-orchestrator/agent-kit/terminal";
import { toIso } from "@agent-orchestrator/core/host/clock";
import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Screen } from "@agent-orchestrator/core/slots/screen";
import { isReadable } from "@agent-orchestrator/plugin-kit/readable";
import type { Place } from "./launch/place.ts";
import { type ConfirmReading, dialogOf, strangeDialog, subjectOf } from "./screen/dialog.ts";
import { readScreen } from "./screen/screen.ts";
import { type ChatEvent, ChatParser } from "./transcript/chat.ts";
import { GrowingText } from "./transcript/growing-text.ts";
import { EMPTY_HISTORY, foldChat, type History } from "./transcript/history.ts";
import { type ScreenSignal, type Verdict, weigh } from "./weigh.ts";

/** One look at everything. */
export interface Look {
  verdict: Verdict;
  screen: ScreenSignal | null;
  dialog: Dialog | null;
  /** The open question with its subject. */
  asked: { reading: ConfirmReading; subject: string } | null;
}

/** What is known about one run of aider. Each look updates it. */
export class Present {
  history: History = EMPTY_HISTORY;
  notifiedAt: string | null = null;
  /** How many messages and answers were accepted so far. */
  taken = 0;
  /** When we last pressed Ctrl-C, in monotonic time. */
  interruptedAtMs: number | null = null;
  readonly #onEvent: (event: ChatEvent) => void;
  readonly #onRead: () => void;
  readonly #chat: GrowingText;
  readonly #parser = new ChatParser();
  readonly #place: Place;
  readonly #clock: Clock;
  #hasPrompted = false;
  #inputAtMs = Number.NEGATIVE_INFINITY;
  #isInputLast = false;
  #steady: { text: string; sinceMs: number } | null = null;

  /** `onEvent` is called for each event in the chat history, `onRead` after a batch of them. */
  constructor(of: { place: Place; clock: Clock; onEvent?: (event: ChatEvent) => void; onRead?: () => void }) {
    this.#place = of.place;
    this.#clock = of.clock;
    this.#chat = new GrowingText(of.place.chat);
    this.#onEvent = of.onEvent ?? (() => undefined);
    this.#onRead = of.onRead ?? (() => undefined);
  }

  /** Reads more of the chat history. True if there was something new. */
  readOn(): boolean {
    const { lines, isRestarted } = this.#chat.readOn();
    if (isRestarted) this.history = EMPTY_HISTORY;
    for (const line of lines) for (const event of this.#parser.add(line)) this.#take(event);
    for (const event of this.#parser.end()) this.#take(event);
    if (lines.length > 0) this.#onRead();
    return lines.length > 0;
  }

  #take(event: ChatEvent): void {
    this.history = foldChat(this.history, event);
    this.#isInputLast = event.kind === "user" || event.kind === "answered";
    if (this.#isInputLast) {
      this.taken += 1;
      this.notifiedAt = null;
      this.#inputAtMs = this.#clock.monotonic();
    }
    if (event.kind === "started") this.#hasPrompted = false;
    this.#onEvent(event);
  }

  /** Aider's notification command ran. It no longer matters if it was answered before we heard of it. */
  notified(at: string): void {
    this.readOn();
    const grewAtMs = statSync(this.#place.chat, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (this.#isInputLast && grewAtMs > Date.parse(at)) return;
    this.notifiedAt = at;
  }

  async look(terminal: AgentTerminal, signal?: AbortSignal): Promise<Look> {
    this.readOn();
    const screen = await screenAt({ terminal, signal });
    // The subject of a question is written just before the question is shown.
    this.readOn();
    // A screen that is too small says nothing, as if there were none.
    return this.#judge(screen === null || !isReadable(screen) ? null : this.#signalOf(screen));
  }

  #signalOf(screen: Screen): ScreenSignal {
    const nowMs = this.#clock.monotonic();
    const text = `${screen.rows.join("\n").trimEnd()}\n${screen.cursor?.row} ${screen.cursor?.column}`;
    if (this.#steady?.text !== text) this.#steady = { text, sinceMs: nowMs };
    return {
      reading: readScreen(screen),
      at: toIso(this.#clock.now()),
      steadyMs: nowMs - this.#steady.sinceMs,
      isPrompting: screen.isPasteBracketed ?? null,
    };
  }

  #judge(screen: ScreenSignal | null): Look {
    const verdict = weigh({
      nowMs: this.#clock.now(),
      history: this.history,
      notifiedAt: this.notifiedAt,
      screen,
      sinceInputMs: this.#clock.monotonic() - this.#inputAtMs,
      hasPrompted: this.#hasPrompted,
    });
    const isAtStart = !this.#hasPrompted;
    if ((verdict.state === "ready" || verdict.state === "limited") && screen?.reading.kind === "prompt") this.#rest();
    const id = `aider-${this.#place.conversation}-${this.history.runs}-${this.#chat.offset}`;
    if (verdict.state !== "waiting_input" || screen === null) return { verdict, screen, dialog: null, asked: null };
    const { reading } = screen;
    if (reading.kind !== "confirm") {
      const line = reading.kind === "other" ? reading.line : reading.draft;
      return { verdict, screen, dialog: strangeDialog(id, line), asked: null };
    }
    const subject = subjectOf(reading, this.history);
    return { verdict, screen, dialog: dialogOf(id, reading, { subject, isAtStart }), asked: { reading, subject } };
  }

  /** It is at its prompt, so any turn is over. */
  #rest(): void {
    this.#hasPrompted = true;
    this.history = { ...this.history, isTurnOpen: false };
  }
}

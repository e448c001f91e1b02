import { toIso } from "@agent-orchestrator/core/host/clock";
import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock, Log, Session } from "@agent-orchestrator/core/slots/common";
import { type DropFolder, openDropFolder } from "@agent-orchestrator/plugin-kit/drop-folder";
import { type AskBook, askBook } from "./ask-book.ts";
import { dialogOfAsk, dialogOfScreen } from "./dialog.ts";
import { failureOf } from "./failure.ts";
import type { Folded } from "./fold.ts";
import { type HookEvent, readHook } from "./hooks.ts";
import { type LaunchNote, placesIn } from "./launch-note.ts";
import { merge, nextChangeMs } from "./merge.ts";
import { findTranscript, transcriptPath } from "./places.ts";
import { unwrapped, type Way } from "./receipts.ts";
import { changesRepository } from "./repository.ts";
import { readScreen, type Seen } from "./screen.ts";
import { noSignals, type Signals } from "./signals.ts";
import type { StatusFile } from "./status-file.ts";
import { type StatusWatch, watchStatus } from "./status-watch.ts";
import { Tail } from "./tail.ts";
import { Teller } from "./teller.ts";
import { isWords, type TranscriptEvent } from "./transcript-line.ts";
import { bookReading, usageOf } from "./usage.ts";

export interface WatchOptions {
  session: Session;
  note: LaunchNote;
  /** null: the runtime does not tell. */
  pid: number | null;
  terminal: AgentTerminal | null;
  emit(fact: AgentFact): void;
  clock: Clock;
  log: Log;
}

/** Between two looks at a screen that nothing better tells of. */
const SCREEN_GAP_MS = 700;
/** A dialog is drawn a moment after its hook and status. */
const DRAW_TRIES = 4;
const DRAW_MS = 120;

/** All that is seen of one session, and what is told of it. */
export class SessionWatch {
  readonly asks: AskBook;
  readonly #options: WatchOptions;
  readonly #end = new AbortController();
  readonly #tail: Tail;
  readonly #status: StatusWatch;
  readonly #drops: DropFolder;
  readonly #teller: Teller;
  readonly #receipts = new Set<(text: string) => void>();
  #signals: Signals;
  #alarm: AbortController | null = null;
  #screenAt = Number.NEGATIVE_INFINITY;
  #isLooking = false;
  #lastTaken: string | null = null;
  #putBack: string | null = null;

  constructor(options: WatchOptions) {
    this.#options = options;
    const { session, note, clock, log } = options;
    const places = placesIn(session.sessionDir);
    const signal = this.#end.signal;
    this.asks = askBook(places.asks);
    const known = session.activity?.source === "report" ? null : session.activity;
    this.#teller = new Teller({ emit: options.emit, clock, known });
    const path = findTranscript(note.configDir, note.conversation);
    this.#tail = new Tail(
      {
        file: places.tail,
        clock,
        signal,
        onEvent: (event, before) => this.#onEvent(event, before),
        onBatch: () => this.#settle(),
        onTrouble: (what) => log.warn(`${session.id}: ${what}`),
      },
      note.conversation,
      path ?? transcriptPath(note.configDir, note.cwd, note.conversation),
    );
    this.#signals = { ...noSignals(this.#tail.folded), asks: this.asks.open() };
    this.#drops = openDropFolder({
      dir: places.drop,
      clock,
      signal,
      onDropped: (dropped) => this.#onHook(readHook(dropped)),
      onStrange: (name, what) => log.warn(`${session.id}: in the folder of hooks, ${name}: ${what}`),
    });
    const onStatus = (status: StatusFile | null) => this.#onStatus(status);
    const { configDir, conversation } = note;
    this.#status = watchStatus({ configDir, conversation, pid: options.pid, clock, signal, onStatus });
  }

  get signals(): Signals {
    return this.#signals;
  }

  get folded(): Folded {
    return this.#tail.folded;
  }

  get transcript(): string {
    return this.#tail.path;
  }

  /** What the status file says at this very moment. */
  statusNow(): StatusFile | null {
    return this.#status.read();
  }

  poke(): void {
    this.#status.poke();
    this.#drops.poke();
    this.#tail.poke();
  }

  /** Output appeared. Only where nothing better tells is it a reason to look. */
  outputSeen(): void {
    if (this.#signals.status !== null) return;
    this.#status.poke();
    void this.#lookAtScreen();
  }

  /** Calls for each message that the agent takes from now on. */
  onReceipt(listener: (text: string) => void): () => void {
    this.#receipts.add(listener);
    return () => this.#receipts.delete(listener);
  }

  /** The dialog as it is open now; null when there is none. */
  get dialog(): Dialog | null {
    return this.#signals.dialog;
  }

  async stop(): Promise<void> {
    this.#end.abort();
    this.#alarm?.abort();
    await Promise.all([this.#drops.ended, this.#status.ended, this.#tail.stop()]);
  }

  #onStatus(file: StatusFile | null): void {
    const before = this.#signals.status;
    if (file === null || file.status === undefined) {
      this.#change({ status: null });
      if (before === null) void this.#lookAtScreen();
      return;
    }
    if (file.sessionId !== this.#tail.conversation) this.#turnTo(file.sessionId);
    const { status: state, waitingFor = null, statusUpdatedAt, version = null } = file;
    const sinceMs = statusUpdatedAt ?? this.#options.clock.now();
    if (before !== null && before.state === state && before.sinceMs === sinceMs && before.waitingFor === waitingFor)
      return;
    this.#change({ status: { state, waitingFor, sinceMs, version }, screen: null });
    if (state === "waiting") void this.#readDialog();
  }

  #onHook(event: HookEvent): void {
    const { payload, name } = event;
    const atMs = Date.parse(event.at);
    const id = payload.session_id;
    if (name === "SessionStart" && id !== undefined) this.#turnTo(id, payload.transcript_path);
    // Programs that the agent starts have hooks of their own; what is of another conversation is not ours.
    else if (id !== undefined && id !== this.#tail.conversation) return;
    this.#tail.poke();
    this.#status.poke();
    const { hooks } = this.#signals;
    switch (name) {
      case "SessionStart":
        return this.#change({ hooks: { ...hooks, startedMs: atMs } });
      case "UserPromptSubmit":
        this.#received("hook", payload.prompt ?? "", event.at);
        return this.#change({ hooks: { ...hooks, promptMs: atMs, failure: null, background: [] } });
      case "Stop": {
        const background = (payload.background_tasks ?? []).map((task) => task.description ?? task.type ?? "a task");
        return this.#change({ hooks: { ...hooks, stopMs: atMs, background } });
      }
      case "StopFailure": {
        const failure = failureOf(payload.last_assistant_message ?? "", payload.error ?? null, null);
        return this.#change({ hooks: { ...hooks, failure: { ...failure, atMs } } });
      }
      case "PermissionRequest":
        this.asks.add(event);
        this.#change({ asks: this.asks.open(), dialog: null });
        void this.#readDialog();
        return;
      case "StatusLine":
        return this.#onReading(payload.cost?.total_cost_usd);
      default:
    }
  }

  #onReading(reading: number | undefined): void {
    if (reading === undefined) return;
    const { conversation, ledger } = this.#tail;
    this.#tail.ledger = bookReading(ledger, { launch: this.#options.session.launch, conversation, reading });
    this.#settle();
  }

  #onEvent(event: TranscriptEvent, before: Folded): void {
    const { emit } = this.#options;
    switch (event.kind) {
      case "prompt":
        return this.#received("prompt", event.text, event.at);
      case "enqueued":
        return this.#received("queue", event.text, event.at);
      case "tool-ended": {
        const tool = before.open.find(({ id }) => id === event.id);
        if (tool !== undefined && changesRepository(tool)) {
          emit({
            kind: "repository-changed",
            at: timeOr(event.at, this.#options.clock),
            what: tool.what.slice(0, 200),
          });
        }
        return this.#teller.progressed(`${tool?.name ?? "a tool"} ended`);
      }
      case "turn-ended":
        return this.#teller.turnEndedWithin(Date.parse(event.at));
      case "answered":
      case "tool-begun":
        return this.#teller.progressed("its transcript grew");
      default:
    }
  }

  #received(way: Way, raw: string, at: string): void {
    if (!isWords(raw)) return;
    const text = unwrapped(raw);
    this.#lastTaken = text;
    if (!this.#tail.isNewReceipt(way, text)) return;
    this.#options.emit({ kind: "accepted", text, at: timeOr(at, this.#options.clock) });
    for (const listener of this.#receipts) listener(text);
  }

  #turnTo(conversation: string, path?: string): void {
    const { configDir, cwd } = this.#options.note;
    const isSame = conversation === this.#tail.conversation;
    const found = path ?? (isSame ? this.#tail.path : findTranscript(configDir, conversation));
    this.#tail.turnTo(conversation, found ?? transcriptPath(configDir, cwd, conversation));
  }

  #change(part: Partial<Signals>): void {
    this.#signals = { ...this.#signals, ...part };
    this.#settle();
  }

  /** Weighs all signals anew, tells what is new, and sets the alarm for when time alone changes the word. */
  #settle(): void {
    if (this.#end.signal.aborted) return;
    const { clock } = this.#options;
    this.#signals = { ...this.#signals, transcript: this.#tail.folded };
    this.#dropSettledAsks();
    const now = clock.now();
    const activity = merge(this.#signals, now);
    const { folded, conversation, ledger } = this.#tail;
    if (activity !== null) {
      const begun = Math.max(this.#signals.hooks.promptMs ?? 0, Date.parse(folded.promptAt ?? "") || 0);
      this.#teller.activityIs({ ...activity, thread: conversation }, begun);
    }
    this.#teller.infoIs({ agentSessionId: conversation, summary: folded.title ?? folded.lastPrompt });
    const isResting = activity !== null && activity.state !== "active";
    this.#teller.usageIs(usageOf(conversation, folded, ledger), isResting);
    this.#setAlarm(nextChangeMs(this.#signals, now));
  }

  /** Its dialog is over when the program went on after it: it was answered in the terminal. */
  #dropSettledAsks(): void {
    const { status, asks } = this.#signals;
    const isOver = (atMs: number): boolean =>
      status === null
        ? (Date.parse(this.#tail.folded.movedAt ?? "") || 0) > atMs
        : status.state !== "waiting" && status.sinceMs > atMs;
    const over = asks.filter((ask) => isOver(ask.atMs));
    for (const ask of over) this.asks.settle(ask);
    const isGone = status !== null && status.state !== "waiting";
    if (over.length > 0 || (isGone && this.#signals.dialog !== null))
      this.#signals = { ...this.#signals, asks: this.asks.open(), dialog: null };
  }

  /** The prompt that an interrupt put back into the input box, if it did: it was answered by nobody. */
  get putBack(): string | null {
    return this.#putBack;
  }

  /** An interrupt of ours is on its way: what was asked last may come back. */
  interrupting(): void {
    this.#putBack = this.#lastTaken;
  }

  /** An answer went in through its pipe: whatever is open now is another dialog. */
  answered(): void {
    this.#change({ asks: this.asks.open(), dialog: null });
  }

  #setAlarm(dueMs: number | null): void {
    this.#alarm?.abort();
    this.#alarm = null;
    if (dueMs === null) return;
    const alarm = new AbortController();
    this.#alarm = alarm;
    const signal = AbortSignal.any([alarm.signal, this.#end.signal]);
    this.#options.clock.sleep(Math.max(1, dueMs), signal).then(
      () => this.#settle(),
      () => undefined, // Set anew, or the end.
    );
  }

  /** Reads the open dialog off the screen, which is drawn a moment later. */
  async #readDialog(): Promise<void> {
    for (let tries = 0; tries < DRAW_TRIES; tries++) {
      const seen = await this.#screen();
      const { status, asks } = this.#signals;
      if (this.#end.signal.aborted || (status !== null && status.state !== "waiting" && asks.length === 0)) return;
      const isDrawn = seen?.dialog !== null && seen?.dialog !== undefined;
      if (isDrawn || tries === DRAW_TRIES - 1 || seen === null) {
        const dialog = dialogFrom(this.#signals, seen);
        if (dialog !== null) this.#change({ dialog });
        return;
      }
      await this.#options.clock.sleep(DRAW_MS, this.#end.signal).catch(() => undefined); // The end: seen above.
    }
  }

  /** The last resort: at the start, and for versions without a status file. */
  async #lookAtScreen(): Promise<void> {
    const { clock } = this.#options;
    if (this.#isLooking || clock.monotonic() - this.#screenAt < SCREEN_GAP_MS) return;
    this.#isLooking = true;
    this.#screenAt = clock.monotonic();
    try {
      const seen = await this.#screen();
      if (seen === null || this.#signals.status !== null || this.#end.signal.aborted) return;
      const before = this.#signals.screen;
      const isSame = before?.shows === seen.shows;
      const screen = { shows: seen.shows, atMs: isSame ? before.atMs : clock.now() };
      const dialog = seen.shows === "dialog" ? dialogFrom(this.#signals, seen) : null;
      if (!isSame || dialog?.id !== this.#signals.dialog?.id) this.#change({ screen, dialog });
    } finally {
      this.#isLooking = false;
    }
  }

  /** null: there is no screen to be seen. */
  async #screen(): Promise<Seen | null> {
    try {
      const screen = await this.#options.terminal?.screen({ signal: this.#end.signal });
      return screen === undefined || screen === null ? null : readScreen(screen);
    } catch {
      return null; // The runtime is busy or the program gone: others tell of that.
    }
  }
}

function dialogFrom({ asks, status }: Signals, seen: Seen | null): Dialog | null {
  const [ask] = asks;
  if (ask !== undefined) return dialogOfAsk(ask, seen?.dialog ?? null);
  if (seen?.dialog === null || seen === null) return null;
  return dialogOfScreen(seen.dialog, status?.waitingFor ?? "a dialog");
}

/** The program's own time, where it told one. */
const timeOr = (at: string, clock: Clock): string => (Number.isNaN(Date.parse(at)) ? toIso(clock.now()) : at);

import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import { type DropFolder, openDropFolder } from "@agent-orchestrator/plugin-kit/drop-folder";
import { lookUp } from "@agent-orchestrator/plugin-kit/process";
import { type Alarm, alarm } from "./alarm.ts";
import { type AskBook, askBook } from "./ask-book.ts";
import { dialogFrom } from "./dialog.ts";
import type { Folded } from "./fold.ts";
import { type HookEvent, hooksAfter, readHook } from "./hooks.ts";
import { placesIn } from "./launch-note.ts";
import { merge, nextChangeMs } from "./merge.ts";
import { openDialog } from "./open-dialog.ts";
import { findTranscript, transcriptPath } from "./places.ts";
import { hasEnded, ReceiptDesk, timeOr } from "./receipt-desk.ts";
import type { Way } from "./receipts.ts";
import { changesRepository } from "./repository.ts";
import { retries } from "./retries.ts";
import { type ScreenReader, screenReader } from "./screen-reader.ts";
import { isAside, isSettled } from "./settled-asks.ts";
import { type Ask, noSignals, type Signals } from "./signals.ts";
import { type StatusFile, statusOf } from "./status-file.ts";
import { type StatusWatch, watchStatus } from "./status-watch.ts";
import { Tail } from "./tail.ts";
import { Teller } from "./teller.ts";
import type { TranscriptEvent } from "./transcript-line.ts";
import { bookReading } from "./usage.ts";
import type { WatchOptions } from "./watch-options.ts";

/** The time between two looks at subagents' transcripts. There is one more when the agent goes idle. */
const ASIDE_MS = 10_000;

const ADDS_UP: ReadonlySet<string> = new Set(["answered", "tool-begun", "tool-ended"]);
const SUM_MS = 5_000;
const DROP_POLL_MS = 5_000;

/** Watches one session and reports its facts. */
export class SessionWatch {
  readonly asks: AskBook;
  readonly receipts: ReceiptDesk;
  readonly #options: WatchOptions;
  readonly #end = new AbortController();
  readonly #tail: Tail;
  readonly #status: StatusWatch;
  readonly #drops: DropFolder;
  readonly #teller: Teller;
  readonly #screen: ScreenReader;
  readonly #dialog: { look(): void };
  readonly #retries: { outputSeen(): void };
  readonly #alarm: Alarm;
  #signals: Signals;
  #wasResting = false;
  #isNews = false;
  #asideAt = Number.NEGATIVE_INFINITY;

  constructor(options: WatchOptions) {
    this.#options = options;
    const { session, note, clock, log } = options;
    const places = placesIn(session.sessionDir);
    const signal = this.#end.signal;
    this.asks = askBook(places.asks);
    this.#alarm = alarm(clock, signal, () => this.#settle());
    this.#screen = screenReader({ terminal: options.terminal, clock, signal });
    const onChange = (retryMs: number | null) => this.#change({ retryMs });
    this.#retries = retries({ screen: this.#screen, clock, signals: () => this.#signals, onChange });
    const onRead = (dialog: Dialog) => this.#change({ dialog });
    this.#dialog = openDialog({ screen: this.#screen, clock, signal, signals: () => this.#signals, onRead });
    const known = session.activity?.source === "report" ? null : session.activity;
    this.#teller = new Teller({ emit: options.emit, clock, known });
    const path = findTranscript(note.configDir, note.conversation);
    this.#tail = new Tail(
      {
        file: places.tail,
        clock,
        signal,
        onEvent: (event, before) => this.#onEvent(event, before),
        onBatch: () => this.#afterBatch(),
        onTrouble: (what) => log.warn(`${session.id}: ${what}`),
      },
      note.conversation,
      path ?? transcriptPath(note.configDir, note.cwd, note.conversation),
    );
    this.#signals = {
      ...noSignals(this.#tail.folded),
      asks: this.asks.open(),
      start: note.hasPrompt ? { atMs: clock.now() } : null,
    };
    const isNews = (way: Way, text: string) => this.#tail.isNewReceipt(way, text);
    const { sessionDir, launch } = session;
    const tail = this.#tail;
    this.receipts = new ReceiptDesk({ sessionDir, launch, tail, isNews, emit: options.emit, clock });
    this.receipts.queueGone(false);
    this.#drops = openDropFolder({
      dir: places.drop,
      pollMs: DROP_POLL_MS,
      clock,
      signal,
      onDropped: (dropped) => this.#onHook(readHook(dropped)),
      onStrange: (name, what) => log.warn(`${session.id}: in the folder of hooks, ${name}: ${what}`),
    });
    const onStatus = (status: StatusFile | null) => this.#onStatus(status);
    const { configDir, conversation } = note;
    this.#status = watchStatus({ configDir, conversation, pid: options.pid, clock, signal, onStatus });
    // A dialog that was open when the daemon stopped.
    if (this.asks.open().length > 0) this.#dialog.look();
  }

  get signals(): Signals {
    return this.#signals;
  }

  get configDir(): string {
    return this.#options.note.configDir;
  }

  /** Whether a dialog is open right now. */
  get isAsking(): boolean {
    return this.asks.open().length > 0 || this.#status.read()?.status === "waiting";
  }

  /** What the status file says right now. */
  statusNow(): StatusFile | null {
    return this.#status.read();
  }

  get pid(): number | null {
    return this.statusNow()?.pid ?? this.#options.pid;
  }

  poke(): void {
    this.#status.poke();
    this.#drops.poke();
    this.#tail.poke();
  }

  /** Output appeared. It is a reason to look only if there is no better source. */
  outputSeen(): void {
    this.#retries.outputSeen();
    if (this.#signals.status !== null) return;
    this.#status.poke();
    void this.#lookAtScreen();
  }

  async stop(): Promise<void> {
    this.#end.abort();
    if (hasEnded(this.#options.session)) this.receipts.queueGone(true);
    await Promise.all([this.#drops.ended, this.#status.ended, this.#tail.stop()]);
  }

  #onStatus(file: StatusFile | null): void {
    const before = this.#signals.status;
    const status = file === null ? null : statusOf(file);
    if (status === null) {
      if (before !== null) this.#change({ status });
      void this.#lookAtScreen();
      return;
    }
    if (file !== null && file.sessionId !== this.#tail.conversation) this.#turnTo(file.sessionId);
    if (JSON.stringify(before) === JSON.stringify(status)) return;
    const start = status.state === "idle" ? this.#signals.start : null; // It started working, so the prompt was taken.
    const waitedMs = status.state === "waiting" ? this.#options.clock.now() : this.#signals.waitedMs;
    this.#change({ status, start, screen: null, waitedMs });
    if (status.state === "waiting") this.#dialog.look();
  }

  #onHook(event: HookEvent): void {
    const { payload, name } = event;
    const id = payload.session_id;
    if (name === "SessionStart" && id !== undefined) this.#turnTo(id, payload.transcript_path);
    // Programs that the agent starts have their own hooks. Ignore other conversations.
    else if (id !== undefined && id !== this.#tail.conversation) return;
    this.#tail.poke();
    this.#status.poke();
    if (name === "UserPromptSubmit") this.receipts.take("hook", payload.prompt ?? "", event.at);
    if (name === "StatusLine") this.#onReading(payload.cost?.total_cost_usd);
    else if (name === "PermissionRequest") this.#onAsk(event);
    else this.#change({ hooks: hooksAfter(this.#signals.hooks, event) });
  }

  #onAsk(event: HookEvent): void {
    this.asks.add(event);
    this.#change({ asks: this.asks.open(), dialog: null });
    this.#dialog.look();
  }

  #onReading(reading: number | undefined): void {
    if (reading === undefined) return;
    const { conversation, ledger } = this.#tail;
    this.#tail.ledger = bookReading(ledger, { launch: this.#options.session.launch, conversation, reading });
    this.#settle();
  }

  /** What a tool or the model reports in the middle of a turn only adds to sums, so it may wait. */
  #afterBatch(): void {
    if (this.#isNews) {
      this.#settle();
      return;
    }
    this.#teller.usageIs(this.#tail.usage, false);
    this.#alarm.set(Math.min(SUM_MS, this.#teller.heldForMs ?? SUM_MS));
  }

  #onEvent(event: TranscriptEvent, before: Folded): void {
    if (!ADDS_UP.has(event.kind)) this.#isNews = true;
    if (event.kind === "prompt") this.receipts.take("prompt", event.text, event.at);
    else if (event.kind === "enqueued") this.receipts.take("queue", event.text, event.at);
    else if (event.kind === "turn-ended") {
      if (before.queued === 0) this.receipts.turnEnded();
      this.#teller.turnEndedWithin(Date.parse(event.at));
    } else if (event.kind === "tool-ended") this.#toolEnded(event, before);
    else if (event.kind === "answered" || event.kind === "tool-begun") this.#teller.progressed("its transcript grew");
  }

  #toolEnded({ id, at }: { id: string; at: string }, { open }: Folded): void {
    const tool = open.find((each) => each.id === id);
    if (tool !== undefined && changesRepository(tool)) {
      const what = tool.what.slice(0, 200);
      this.#options.emit({ kind: "repository-changed", at: timeOr(at, this.#options.clock), what });
    }
    this.#teller.progressed(`${tool?.name ?? "a tool"} ended`);
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

  /** Weighs all signals again, reports what is new, and sets the alarm for when time alone changes the activity. */
  #settle(): void {
    if (this.#end.signal.aborted) return;
    this.#isNews = false;
    const { clock } = this.#options;
    this.#signals = { ...this.#signals, transcript: this.#tail.folded };
    this.#dropSettledAsks();
    const now = clock.now();
    const readyMs = this.#options.readyThresholdMs();
    const activity = merge(this.#signals, now, readyMs);
    const { folded, conversation } = this.#tail;
    if (activity !== null) {
      const begun = Math.max(this.#signals.hooks.promptMs ?? 0, Date.parse(folded.promptAt ?? "") || 0);
      this.#teller.activityIs({ ...activity, thread: conversation }, begun);
    }
    this.#teller.infoIs(conversation, folded.title ?? folded.lastPrompt);
    const isResting = activity !== null && activity.state !== "active";
    this.#lookAside(isResting);
    this.#teller.usageIs(this.#tail.usage, isResting);
    const moments = [nextChangeMs(this.#signals, now, readyMs), this.#teller.heldForMs].filter(
      (moment) => moment !== null,
    );
    this.#alarm.set(moments.length === 0 ? null : Math.min(...moments));
  }

  #lookAside(isResting: boolean): void {
    const now = this.#options.clock.monotonic();
    const hasCome = isResting && !this.#wasResting;
    this.#wasResting = isResting;
    if (!hasCome && now - this.#asideAt < ASIDE_MS) return;
    this.#asideAt = now;
    this.#tail.lookAside();
  }

  /** Its dialog is over if the program continued after it, because it was answered in the terminal. */
  #dropSettledAsks(): void {
    const hasEnded = (ask: Ask) => isAside(ask, this.#signals) && lookUp(ask.pid) === undefined;
    const over = this.#signals.asks.filter((ask) => isSettled(ask, this.#signals) || hasEnded(ask));
    for (const ask of over) this.asks.settle(ask);
    const { status, dialog } = this.#signals;
    const isWaiting = status === null || status.state === "waiting" || this.asks.open().length > 0;
    if (over.length > 0 || (!isWaiting && dialog !== null))
      this.#signals = { ...this.#signals, asks: this.asks.open(), dialog: null };
  }

  /** Our interrupt is under way, and the last prompt may return to the box. */
  interrupting(): void {
    this.receipts.interrupting();
    this.#signals = { ...this.#signals, start: null };
  }

  /** An answer was sent through its pipe, so whatever is open now is another dialog. */
  answered(): void {
    this.#change({ asks: this.asks.open(), dialog: null, answeredMs: this.#options.clock.now() });
  }

  /** The last resort, at the start and for versions without a status file. */
  async #lookAtScreen(): Promise<void> {
    const seen = await this.#screen.glance();
    if (seen === null || this.#signals.status !== null || this.#end.signal.aborted) return;
    const before = this.#signals.screen;
    const isSame = before?.shows === seen.shows;
    const screen = { shows: seen.shows, atMs: isSame ? before.atMs : this.#options.clock.now() };
    const dialog = seen.shows === "dialog" ? dialogFrom(this.#signals, seen) : null;
    if (!isSame || dialog?.id !== this.#signals.dialog?.id) this.#change({ screen, dialog });
  }
}

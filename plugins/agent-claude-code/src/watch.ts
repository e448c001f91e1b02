import { type Alarm, alarm } from "@agent-orchestrator/agent-kit/alarm";
import { hasEnded, pidOf } from "@agent-orchestrator/agent-kit/launch";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import type { AgentObservation } from "@agent-orchestrator/core/slots/agent";
import { type DropFolder, openDropFolder } from "@agent-orchestrator/plugin-kit/drop-folder";
import { lookUp } from "@agent-orchestrator/plugin-kit/process";
import { type AskBook, askBook, isAside, isSettled } from "./hooks/asks.ts";
import { readHook } from "./hooks/events.ts";
import { findTranscript, transcriptPath } from "./launch/conversation.ts";
import { placesIn } from "./launch/note.ts";
import { openDialog } from "./screen/dialog.ts";
import { bringBack } from "./screen/put-aside.ts";
import { retries, type ScreenReader, screenReader } from "./screen/reader.ts";
import { type Ask, noSignals, type Signals, turnBegunMs } from "./signals.ts";
import { type Board, onHook, onScreen, onStatus, onTranscript, type WatchOptions } from "./sources.ts";
import { type StatusFile, type StatusWatch, watchStatus } from "./status.ts";
import { Teller } from "./teller.ts";
import { ReceiptDesk } from "./transcript/receipts.ts";
import { Tail } from "./transcript/tail.ts";
import { nextChangeMs, weigh } from "./weigh.ts";

/** What a tool or the model reports in the middle of a turn only adds to sums, so it may wait. */
const ADDS_UP: ReadonlySet<string> = new Set(["answered", "tool-begun", "tool-ended"]);
const SUM_MS = 5_000;
const DROP_POLL_MS = 5_000;

/** Watches one session and reports its facts. */
export class SessionWatch implements AgentObservation, Board {
  readonly options: WatchOptions;
  readonly asks: AskBook;
  readonly receipts: ReceiptDesk;
  readonly teller: Teller;
  readonly tail: Tail;
  signals: Signals;
  readonly #end = new AbortController();
  readonly #status: StatusWatch;
  readonly #drops: DropFolder;
  readonly #screen: ScreenReader;
  readonly #dialog: { look(): void };
  readonly #retries: { outputSeen(): void };
  readonly #aside: { humanTyped(): void; stop(): void };
  readonly #alarm: Alarm;
  #isNews = false;

  constructor(options: WatchOptions) {
    this.options = options;
    const { session, note, clock, terminal, emit } = options;
    const places = placesIn(session.sessionDir);
    const { signal } = this.#end;
    const signals = () => this.signals;
    this.asks = askBook(places.asks);
    this.#alarm = alarm(clock, signal, () => this.change({}));
    this.#screen = screenReader({ terminal, clock, signal });
    this.#aside = bringBack({ terminal, clock, pid: () => this.pid });
    this.#retries = retries({ screen: this.#screen, clock, signals, onChange: (retryMs) => this.change({ retryMs }) });
    const onRead = (dialog: Signals["dialog"]) => this.change({ dialog });
    this.#dialog = openDialog({ screen: this.#screen, clock, signal, signals, onRead });
    const known = session.activity?.source === "report" ? null : session.activity;
    this.teller = new Teller({ emit, clock, known });
    this.tail = this.#openTail(places.tail);
    const start = note.hasPrompt ? { atMs: clock.now() } : null;
    this.signals = { ...noSignals(this.tail.folded), asks: this.asks.open(), start };
    this.receipts = new ReceiptDesk({ ...session, tail: this.tail, emit, clock });
    this.receipts.queueGone(false);
    this.#drops = this.#openDrops(places.drop);
    this.#status = watchStatus({
      ...{ configDir: note.configDir, conversation: note.conversation, pid: pidOf(session), clock, signal },
      onStatus: (status) => onStatus(this, status),
    });
    // A dialog that was open when the daemon stopped.
    if (this.asks.open().length > 0) this.readDialog();
  }

  #openTail(file: string): Tail {
    const { session, note, clock, log } = this.options;
    const { configDir, cwd, conversation } = note;
    const on = {
      onEvent: (event, before) => {
        if (!ADDS_UP.has(event.kind)) this.#isNews = true;
        onTranscript(this, event, before);
      },
      onBatch: () => this.#afterBatch(),
      onTrouble: (what) => log.warn(`${session.id}: ${what}`),
    } satisfies Partial<ConstructorParameters<typeof Tail>[0]>;
    const path = findTranscript(configDir, conversation) ?? transcriptPath(configDir, cwd, conversation);
    return new Tail({ file, clock, signal: this.#end.signal, ...on }, conversation, path);
  }

  #openDrops(dir: string): DropFolder {
    const { session, clock, log } = this.options;
    return openDropFolder({
      ...{ dir, pollMs: DROP_POLL_MS, clock, signal: this.#end.signal },
      onDropped: (dropped) => onHook(this, readHook(dropped)),
      onStrange: (name, what) => log.warn(`${session.id}: in the folder of hooks, ${name}: ${what}`),
    });
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
    return this.statusNow()?.pid ?? pidOf(this.options.session);
  }

  pokeStatus(): void {
    this.#status.poke();
  }

  /** Asks status file, hooks and transcript to be read soon. */
  poke(): void {
    this.#status.poke();
    this.#drops.poke();
    this.tail.poke();
  }

  hint({ kind }: { kind: "output" | "ready" | "human-input" }): void {
    if (kind === "human-input") this.#aside.humanTyped();
    if (kind !== "output") return;
    this.#retries.outputSeen();
    // A reason to look only if there is no better source.
    if (this.signals.status !== null) return;
    this.#status.poke();
    this.lookAtScreen();
  }

  async stop(): Promise<void> {
    this.#aside.stop();
    this.#end.abort();
    if (hasEnded(this.options.session)) this.receipts.queueGone(true);
    await Promise.all([this.#drops.ended, this.#status.ended, this.tail.stop()]);
  }

  #afterBatch(): void {
    if (this.#isNews) {
      this.change({});
      return;
    }
    this.teller.usageIs(this.tail.usage, false);
    this.#alarm.atLatest(Math.min(SUM_MS, this.teller.heldForMs ?? SUM_MS));
  }

  readDialog(): void {
    this.#dialog.look();
  }

  /** Weighs all signals again, reports what is new, and sets the alarm for when time alone changes the activity. */
  change(part: Partial<Signals>): void {
    this.signals = { ...this.signals, ...part };
    if (this.#end.signal.aborted) return;
    this.#isNews = false;
    const { folded, conversation } = this.tail;
    this.signals = withoutSettled({ ...this.signals, transcript: folded }, this.asks);
    const now = this.options.clock.now();
    const readyMs = this.options.readyThresholdMs();
    const activity = weigh(this.signals, now, readyMs);
    if (activity !== null) this.#tell(activity);
    this.teller.infoIs(conversation, folded.title ?? folded.lastPrompt);
    const isResting = activity !== null && activity.state !== "active";
    this.tail.lookAside(isResting);
    this.teller.usageIs(this.tail.usage, isResting);
    this.#alarm.atLatest(nextChangeMs(this.signals, now, readyMs));
    this.#alarm.atLatest(this.teller.heldForMs);
  }

  #tell(activity: Activity): void {
    this.teller.activityIs({ ...activity, thread: this.tail.conversation }, turnBegunMs(this.signals));
  }

  /** Our interrupt is under way, and the last prompt may return to the box. */
  interrupting(): void {
    this.receipts.interrupting();
    this.signals = { ...this.signals, start: null };
  }

  /** An answer was sent through its pipe, so whatever is open now is another dialog. */
  answered(): void {
    this.change({ asks: this.asks.open(), dialog: null, answeredMs: this.options.clock.now() });
  }

  /** The last resort, at the start and for versions without a status file. */
  lookAtScreen(): void {
    void this.#screen.glance().then((seen) => {
      if (seen !== null && !this.#end.signal.aborted) onScreen(this, seen);
    });
  }
}

/** A dialog is over if the program continued after it, because it was answered in the terminal. */
function withoutSettled(signals: Signals, asks: AskBook): Signals {
  const hasLeft = (ask: Ask) => isAside(ask, signals) && lookUp(ask.pid) === undefined;
  const over = signals.asks.filter((ask) => isSettled(ask, signals) || hasLeft(ask));
  for (const ask of over) asks.settle(ask);
  const { status, dialog } = signals;
  const isWaiting = status === null || status.state === "waiting" || asks.open().length > 0;
  const isOver = over.length > 0 || (!isWaiting && dialog !== null);
  return isOver ? { ...signals, asks: asks.open(), dialog: null } : signals;
}

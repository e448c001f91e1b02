import { basename } from "node:path";
import { joinSignals } from "@agent-orchestrator/core/host/signals";
import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { AgentObservation } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock, Log } from "@agent-orchestrator/core/slots/common";
import { openDropFolder } from "@agent-orchestrator/plugin-kit/drop-folder";
import { lookOnChange } from "@agent-orchestrator/plugin-kit/files/look-on-change";
import { mayPress, type Presser } from "./auto-answer.ts";
import type { Place } from "./launch/place.ts";
import type { Look, Present } from "./present.ts";
import type { Teller } from "./teller.ts";
import { STALE_MS, STEADY_MS } from "./weigh.ts";

/** The spinner draws constantly, so look at the screen at intervals. */
const GAP_MS = 300;
/** How often to look even without events, because somebody may have used the terminal unnoticed. */
const QUIET_MS = 15_000;
const POLL_MS = 5_000;
/** How long its first prompt may take to arrive. Until then it is starting, not idle. */
const FIRST_WORDS_MS = 10_000;

export interface WatchOf {
  place: Place;
  clock: Clock;
  log: Log;
  terminal: AgentTerminal;
  present: Present;
  teller: Teller;
  presser: Presser;
  /** It was started with a prompt that is typed once it is ready. */
  awaitsPrompt: boolean;
}

/** Looks whenever something happened, and reports what it means. */
export class Watch implements AgentObservation {
  readonly #of: WatchOf;
  readonly #stopping = new AbortController();
  #dueMs: number;
  #rouse: (() => void) | null = null;
  readonly #firstWordsMs: number;
  readonly #ended: Promise<unknown>;

  constructor(of: WatchOf) {
    this.#of = of;
    this.#dueMs = of.clock.monotonic();
    this.#firstWordsMs = this.#dueMs + FIRST_WORDS_MS;
    const { signal } = this.#stopping;
    const { place, clock, log } = of;
    of.present.readOn();
    const onFailed = (error: unknown) => log.warn(`aider's files: ${toAoError(error).message}`);
    const told = openDropFolder({
      dir: place.told,
      clock,
      signal,
      onFailed,
      onDropped: ({ at }) => {
        of.present.notified(at);
        this.#lookIn(0);
      },
    });
    const look = async () => {
      if (of.present.readOn()) this.#lookIn(0);
    };
    // Watch the folder, because the file appears a moment after aider was started.
    const isOfInterest = (name: string) => name === basename(place.chat);
    const where = { path: place.dir, isFolder: true, isOfInterest };
    const chat = lookOnChange({ ...where, clock, signal, pollMs: POLL_MS, gapMs: 50, look, onFailed });
    this.#ended = Promise.all([told.ended, chat.ended, this.#run()]);
  }

  get present(): Present {
    return this.#of.present;
  }

  hint(fact: { kind: "output" | "ready" | "human-input" }): void {
    this.#lookIn(fact.kind === "ready" ? 0 : GAP_MS);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  #lookIn(ms: number): void {
    const dueMs = this.#of.clock.monotonic() + ms;
    if (dueMs >= this.#dueMs) return;
    this.#dueMs = dueMs;
    this.#rouse?.();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { clock, log } = this.#of;
    while (!signal.aborted) {
      const waitMs = this.#dueMs - clock.monotonic();
      if (waitMs > 0) {
        await this.#sleep(waitMs);
        continue;
      }
      this.#dueMs = clock.monotonic() + QUIET_MS;
      try {
        await this.#look();
      } catch (error) {
        // The terminal closed or did not answer, which the runtime reports.
        if (!signal.aborted) log.debug(`aider's screen: ${toAoError(error).message}`);
      }
    }
  }

  async #sleep(ms: number): Promise<void> {
    const roused = joinSignals(this.#stopping.signal);
    this.#rouse = () => roused.abort();
    await this.#of.clock.sleep(ms, roused.signal).catch(() => undefined); // Woken, or stopped.
    roused.release();
    this.#rouse = null;
  }

  async #look(): Promise<void> {
    const { present, teller, presser, terminal } = this.#of;
    const look = await present.look(terminal, this.#stopping.signal);
    this.#stopping.signal.throwIfAborted();
    this.#lookIn(againMs(look));
    if (presser.isUnderWay() || (mayPress(look) && (await presser.press(look)))) {
      this.#lookIn(GAP_MS);
      return;
    }
    if (look.verdict.isProvisional === true && teller.activityTold === null) return;
    const isBeforeFirst = this.#of.awaitsPrompt && present.history.userText === null && look.verdict.state === "ready";
    if (isBeforeFirst && this.#of.clock.monotonic() < this.#firstWordsMs) {
      this.#lookIn(FIRST_WORDS_MS);
      return;
    }
    teller.activity(look);
  }
}

/** Looks again at what has not settled, or may be outdated. */
function againMs({ verdict, screen }: Look): number {
  if (verdict.isProvisional === true) return STALE_MS;
  if (verdict.state === "active" && screen !== null && screen.reading.kind !== "other") return STEADY_MS;
  return QUIET_MS;
}

import { basename } from "node:path";
import { joinSignals } from "@agent-orchestrator/core/host/signals";
import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { AgentObservation } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock, Log } from "@agent-orchestrator/core/slots/common";
import { openDropFolder } from "@agent-orchestrator/plugin-kit/drop-folder";
import { lookOnChange } from "@agent-orchestrator/plugin-kit/files/look-on-change";
import { mayPress, type Presser } from "./auto-answer.ts";
import { STALE_MS, STEADY_MS } from "./merge.ts";
import type { Place } from "./place.ts";
import type { Look, Present } from "./present.ts";
import type { Teller } from "./teller.ts";

/** The spinner draws all the time: the screen is looked at in steps. */
const GAP_MS = 300;
/** Somebody may have used the terminal without a sign: looked at so often even when all is quiet. */
const QUIET_MS = 15_000;
const POLL_MS = 5_000;
/** So long its first words may take to come; until then it is started, and does not rest. */
const FIRST_WORDS_MS = 10_000;

export interface WatchOf {
  place: Place;
  clock: Clock;
  log: Log;
  terminal: AgentTerminal;
  present: Present;
  teller: Teller;
  presser: Presser;
  /** It was started with words that are typed once its prompt is open. */
  awaitsPrompt: boolean;
}

/** Looks whenever something happened, and tells what it means. */
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
    // The folder: the file comes a moment after aider was started.
    const isOfInterest = (name: string) => name === basename(place.chat);
    const where = { path: place.dir, isFolder: true, isOfInterest };
    const chat = lookOnChange({ ...where, clock, signal, pollMs: POLL_MS, gapMs: 50, look, onFailed });
    this.#ended = Promise.all([told.ended, chat.ended, this.#run()]);
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
        // The terminal went away, or did not answer: the runtime tells of that.
        if (!signal.aborted) log.debug(`aider's screen: ${toAoError(error).message}`);
      }
    }
  }

  async #sleep(ms: number): Promise<void> {
    const roused = joinSignals(this.#stopping.signal);
    this.#rouse = () => roused.abort();
    await this.#of.clock.sleep(ms, roused.signal).catch(() => undefined); // Roused, or stopped.
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
    if (look.verdict.isProvisional === true && teller.isNew) return;
    const isBeforeFirst = this.#of.awaitsPrompt && present.history.userText === null && look.verdict.state === "ready";
    if (isBeforeFirst && this.#of.clock.monotonic() < this.#firstWordsMs) {
      this.#lookIn(FIRST_WORDS_MS);
      return;
    }
    teller.activity(look);
  }
}

/** What has not settled, or may be old, is looked at once more. */
function againMs({ verdict, screen }: Look): number {
  if (verdict.isProvisional === true) return STALE_MS;
  if (verdict.state === "active" && screen !== null && screen.reading.kind !== "other") return STEADY_MS;
  return QUIET_MS;
}

import { type FSWatcher, watch as watchFolder } from "node:fs";
import { isoNow } from "@agent-orchestrator/core/host/clock";
import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { Clock, Log } from "@agent-orchestrator/core/slots/common";
import type { ProcessInfo, RuntimeFact } from "@agent-orchestrator/core/slots/runtime";

export interface WatchesOptions {
  clock: Clock;
  log: Log;
  recordsDir: string;
  /** What is known about the program's end. Null if it runs, or nobody can tell yet. A quick look may miss it for a while. */
  endOf(key: string, look: Look): { exit: ProcessInfo["exit"] } | null;
  lastOutput(key: string): Promise<string | null>;
  signal: AbortSignal;
}

export type Look = "quick" | "whole";

interface Watch {
  listeners: Set<(fact: RuntimeFact) => void>;
  hasEnded: boolean;
  toldOutputAtMs: number;
  isOutputDue: boolean;
}

/** A program's record shows its exit at once. Without file events, how often to look. */
const LOOK_MS = 2_000;
const WHOLE_EVERY = 5;
const OUTPUT_STEP_MS = 400;

/** Keeps the listeners and notifies them: not too often, and of an end only once. */
export class Watches {
  readonly #options: WatchesOptions;
  readonly #watches = new Map<string, Watch>();
  #folder: FSWatcher | null = null;
  #isLooking = false;
  #isFlushing = false;

  constructor(options: WatchesOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => this.#folder?.close());
  }

  add(key: string, listener: (fact: RuntimeFact) => void): () => void {
    const fresh: Watch = {
      listeners: new Set(),
      hasEnded: false,
      toldOutputAtMs: Number.NEGATIVE_INFINITY,
      isOutputDue: false,
    };
    const watch = this.#watches.get(key) ?? fresh;
    this.#watches.set(key, watch);
    watch.listeners.add(listener);
    this.#openFolder();
    void this.#keepLooking();
    return () => {
      watch.listeners.delete(listener);
      if (watch.listeners.size === 0 && this.#watches.get(key) === watch) this.#watches.delete(key);
    };
  }

  output(key: string): void {
    const watch = this.#watches.get(key);
    if (watch === undefined || watch.isOutputDue) return;
    watch.isOutputDue = true;
    if (this.#options.clock.monotonic() - watch.toldOutputAtMs >= OUTPUT_STEP_MS) this.#tellOutput(watch);
    else void this.#flushLater();
  }

  tell(key: string, fact: RuntimeFact): void {
    const watch = this.#watches.get(key);
    if (watch !== undefined) this.#tell(watch, fact);
  }

  lost(key: string, reason: string): void {
    const watch = this.#watches.get(key);
    if (watch === undefined || watch.hasEnded) return;
    watch.hasEnded = true;
    this.#tell(watch, { kind: "lost", at: this.#now(), reason });
  }

  /** Reports the end of this launch's program, if it has ended. */
  async check(key: string, look: Look = "whole"): Promise<void> {
    const watch = this.#watches.get(key);
    if (watch === undefined || watch.hasEnded) return;
    const end = this.#options.endOf(key, look);
    if (end === null) return;
    watch.hasEnded = true;
    if (watch.isOutputDue) this.#tellOutput(watch);
    const lastOutput = await this.#options.lastOutput(key);
    this.#tell(watch, { kind: "exit", at: end.exit?.at ?? this.#now(), exit: end.exit, lastOutput });
  }

  #tell(watch: Watch, fact: RuntimeFact): void {
    for (const listener of watch.listeners) listener(fact);
  }

  #tellOutput(watch: Watch): void {
    watch.isOutputDue = false;
    watch.toldOutputAtMs = this.#options.clock.monotonic();
    this.#tell(watch, { kind: "output", at: this.#now() });
  }

  #now(): string {
    return isoNow(this.#options.clock);
  }

  async #flushLater(): Promise<void> {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    try {
      await this.#options.clock.sleep(OUTPUT_STEP_MS, this.#options.signal);
    } catch {
      return; // closed
    } finally {
      this.#isFlushing = false;
    }
    for (const watch of this.#watches.values()) if (watch.isOutputDue) this.#tellOutput(watch);
  }

  #openFolder(): void {
    if (this.#folder !== null) return;
    try {
      this.#folder = watchFolder(this.#options.recordsDir, (_event, file) => {
        if (file?.endsWith(".exit")) void this.#checkSafely(file.slice(0, -".exit".length));
      });
      this.#folder.on("error", (error) => this.#options.log.debug("no file events", { error: String(error) }));
    } catch (error) {
      this.#options.log.debug("no file events for exits, so polling instead", { error: String(error) });
    }
  }

  async #keepLooking(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      for (let looks = 0; this.#watches.size > 0; looks++) {
        const look = looks % WHOLE_EVERY === 0 ? "whole" : "quick";
        for (const key of [...this.#watches.keys()]) await this.#checkSafely(key, look);
        await this.#options.clock.sleep(LOOK_MS, this.#options.signal);
      }
    } catch {
      // closed
    } finally {
      this.#isLooking = false;
    }
  }

  async #checkSafely(key: string, look?: Look): Promise<void> {
    try {
      await this.check(key, look);
    } catch (error) {
      this.#options.log.warn("cannot tell whether an agent runs", { key, error: toAoError(error).message });
    }
  }
}

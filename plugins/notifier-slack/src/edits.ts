import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { Clock, Log } from "@agent-orchestrator/core/slots/common";
import type { Api } from "./api.ts";
import type { KnownBlock } from "./blocks.ts";
import { codeOf, detailsOf } from "./errors.ts";

export interface Edit {
  ts: string;
  text: string;
  blocks: readonly KnownBlock[];
  /** It can wait for its turn: nobody has just pressed something. */
  isPaced: boolean;
  onDone?(): void;
  /** The message is gone, or somebody else's. */
  onGone?(): void;
}

export interface Edits {
  /** Of several edits of one message, the last counts. Resolves at once. */
  add(edit: Edit): void;
  /** The message shows the right thing already. */
  drop(ts: string): void;
}

/** Slack allows about fifty edits a minute. */
const PACE_MS = 1_500;
const MAX_ATTEMPTS = 6;
const FIRST_PAUSE_MS = 2_000;

const GONE = new Set(["message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found"]);

interface World {
  api: Api;
  channel: string;
  clock: Clock;
  log: Log;
}

/** Edits messages one after another, as fast as Slack allows. What fails for good is only logged: the next change edits again. */
export const openEdits = (world: World): Edits => new Queue(world);

class Queue implements Edits {
  readonly #world: World;
  readonly #jobs = new Map<string, Edit>();
  readonly #failures = new Map<string, number>();
  #isRunning = false;
  #wake = new AbortController();
  #lastAt = Number.NEGATIVE_INFINITY;
  #blockedUntil = Number.NEGATIVE_INFINITY;

  constructor(world: World) {
    this.#world = world;
  }

  add(job: Edit): void {
    this.#jobs.delete(job.ts);
    this.#jobs.set(job.ts, job);
    if (!job.isPaced) this.#wake.abort();
    if (!this.#isRunning) this.#run().catch((error: unknown) => this.#warn(error));
  }

  drop(ts: string): void {
    this.#jobs.delete(ts);
  }

  async #run(): Promise<void> {
    const { clock } = this.#world;
    this.#isRunning = true;
    try {
      for (let job = this.#next(); job !== undefined; job = this.#next()) {
        const paced = job.isPaced ? this.#lastAt + PACE_MS : Number.NEGATIVE_INFINITY;
        const waitMs = Math.max(this.#blockedUntil, paced) - clock.monotonic();
        if (waitMs > 0) {
          await clock.sleep(waitMs, this.#wake.signal).catch(() => undefined); // Something more urgent came.
          if (this.#wake.signal.aborted) this.#wake = new AbortController();
          continue;
        }
        this.#jobs.delete(job.ts);
        this.#lastAt = clock.monotonic();
        await this.#attempt(job);
      }
    } finally {
      this.#isRunning = false;
    }
  }

  #next(): Edit | undefined {
    const all = [...this.#jobs.values()];
    return all.find((job) => !job.isPaced) ?? all[0];
  }

  async #attempt(job: Edit): Promise<void> {
    const { ts, text, blocks } = job;
    const { api, channel } = this.#world;
    try {
      await api.ask((client) => client.chat.update({ channel, ts, text, blocks: [...blocks], parse: "none" }));
      this.#failures.delete(ts);
      job.onDone?.();
    } catch (error) {
      this.#failed(job, error);
    }
  }

  #failed(job: Edit, error: unknown): void {
    const count = (this.#failures.get(job.ts) ?? 0) + 1;
    const { retryAfterMs } = detailsOf(error);
    const mayPass = retryAfterMs !== undefined || (isAoError(error) && error.code === "UNREACHABLE");
    if (mayPass && count < MAX_ATTEMPTS) {
      this.#failures.set(job.ts, count);
      const pauseMs = Math.max(retryAfterMs ?? 0, FIRST_PAUSE_MS * 2 ** (count - 1));
      this.#blockedUntil = this.#world.clock.monotonic() + pauseMs;
      if (!this.#jobs.has(job.ts)) this.#jobs.set(job.ts, job);
      return;
    }
    this.#failures.delete(job.ts);
    if (GONE.has(codeOf(error) ?? "")) job.onGone?.();
    this.#warn(error);
  }

  #warn(error: unknown): void {
    const why = isAoError(error) ? error.message : String(error);
    this.#world.log.warn("a message in Slack could not be edited", { why });
  }
}

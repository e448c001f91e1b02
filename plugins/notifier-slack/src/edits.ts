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
export function openEdits({ api, channel, clock, log }: World): Edits {
  const jobs = new Map<string, Edit>();
  const failures = new Map<string, number>();
  let isRunning = false;
  let wake = new AbortController();
  let [lastAt, blockedUntil] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];

  const next = (): Edit | undefined => [...jobs.values()].find((job) => !job.isPaced) ?? [...jobs.values()][0];
  const waitFor = ({ isPaced }: Edit): number =>
    Math.max(blockedUntil, isPaced ? lastAt + PACE_MS : blockedUntil) - clock.monotonic();

  async function run(): Promise<void> {
    isRunning = true;
    try {
      for (let job = next(); job !== undefined; job = next()) {
        const waitMs = waitFor(job);
        if (waitMs > 0) {
          await clock.sleep(waitMs, wake.signal).catch(() => undefined); // Something more urgent came.
          if (wake.signal.aborted) wake = new AbortController();
          continue;
        }
        jobs.delete(job.ts);
        lastAt = clock.monotonic();
        await attempt(job);
      }
    } finally {
      isRunning = false;
    }
  }

  async function attempt(job: Edit): Promise<void> {
    const { ts, text, blocks } = job;
    try {
      await api.ask((client) => client.chat.update({ channel, ts, text, blocks: [...blocks], parse: "none" }));
      failures.delete(ts);
      job.onDone?.();
    } catch (error) {
      failed(job, error);
    }
  }

  function failed(job: Edit, error: unknown): void {
    const count = (failures.get(job.ts) ?? 0) + 1;
    const { retryAfterMs } = detailsOf(error);
    const mayPass = retryAfterMs !== undefined || (isAoError(error) && error.code === "UNREACHABLE");
    if (mayPass && count < MAX_ATTEMPTS) {
      failures.set(job.ts, count);
      blockedUntil = clock.monotonic() + (retryAfterMs ?? FIRST_PAUSE_MS * 2 ** count);
      if (!jobs.has(job.ts)) jobs.set(job.ts, job);
      return;
    }
    failures.delete(job.ts);
    if (GONE.has(codeOf(error) ?? "")) job.onGone?.();
    log.warn("a message in Slack was not edited", { why: isAoError(error) ? error.message : String(error) });
  }

  return {
    add(job) {
      jobs.delete(job.ts);
      jobs.set(job.ts, job);
      if (!job.isPaced) wake.abort();
      if (isRunning) return;
      run().catch((error: unknown) => log.warn("messages in Slack are not edited", { why: String(error) }));
    },
  };
}

import { withRepoLock } from "@agent-orchestrator/plugin-kit/repo-lock";
import type { Desk } from "../desk.ts";
import { baselineOf, type Candidate, isWanted, type Known, nextJob, resultOf } from "./job.ts";
import { pruneChecks } from "./retention.ts";
import { amendChecks, runJob } from "./run-job.ts";

/** Runs one job at a time, the next one chosen anew from what is known whenever it is asked. */
export interface Worker {
  /** Starts, supersedes or leaves alone, according to these pull requests. */
  tick(candidates: readonly Candidate[]): void;
  stop(): Promise<void>;
}

interface Running {
  sha: string;
  abort: AbortController;
  done: Promise<void>;
}

/** After a failure of our own (a full disk, no `sh`) it is tried again, but not in a circle. */
const PAUSE_AFTER_ERROR_MS = 30_000;

export function createWorker(desk: Desk, onIdle: () => void): Worker {
  const { clock, log } = desk.context;
  let running: Running | null = null;
  let pausedUntil = 0;
  let latest: readonly Candidate[] = [];

  async function work(job: NonNullable<ReturnType<typeof nextJob>>, signal: AbortSignal): Promise<void> {
    const { commonDir } = await desk.repository();
    try {
      await withRepoLock(`ci ${commonDir}`, async () => {
        // Waiting for another project's turn may have taken long.
        if (!signal.aborted && isWanted(job, latest)) await runJob(desk, job, signal);
        pruneChecks(desk, latest);
      });
    } catch (error) {
      pausedUntil = clock.monotonic() + PAUSE_AFTER_ERROR_MS;
      log.warn("a CI run could not be carried out", { sha: job.sha, error: String(error).slice(0, 500) });
    } finally {
      desk.live.run = null;
      running = null;
      desk.changed({});
      onIdle();
    }
  }

  return {
    tick(candidates) {
      latest = candidates;
      if (running !== null && !isWanted(running, candidates)) running.abort.abort();
      const known: Known = { ...desk.plan, results: desk.checks.view().get };
      noteBaselines(desk, candidates, known);
      if (running !== null || clock.monotonic() < pausedUntil) return;
      const job = nextJob(candidates, known, clock.now());
      if (job === null) return;
      const abort = new AbortController();
      running = { sha: job.sha, abort, done: Promise.resolve() };
      running.done = work(job, abort.signal);
    },
    async stop() {
      running?.abort.abort();
      await running?.done;
    },
  };
}

/** Writes beside each failure of a head whether its base fails too, as soon as that is known. */
function noteBaselines(desk: Desk, candidates: readonly Candidate[], plan: Known): void {
  for (const { head, base } of candidates) {
    if (base === null) continue;
    for (const check of plan.ci) {
      const result = resultOf(plan.results(head), check);
      if (result?.status !== "failed" || result.base?.sha === base) continue;
      const baseline = baselineOf(plan, base, check);
      if (baseline === undefined) continue;
      const noted = { ...result, base: { sha: base, ...baseline } };
      amendChecks(desk, head, (commit) => ({ ...commit, results: { ...commit.results, [check.name]: noted } }));
    }
  }
}

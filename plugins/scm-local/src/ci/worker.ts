import { withRepoLock } from "@agent-orchestrator/plugin-kit/repo-lock";
import type { Desk } from "../desk.ts";
import { baselineOf, type Candidate, isComparable, isWanted, type Known, type Now, nextJob, resultOf } from "./job.ts";
import { pruneChecks } from "./retention.ts";
import { amendChecks, runJob, tell } from "./run-job.ts";

/** Runs one job at a time, and chooses each from what is known at that moment. */
export interface Worker {
  /** Starts, supersedes or keeps the current job, according to these pull requests. */
  tick(candidates: readonly Candidate[]): void;
  stop(): Promise<void>;
}

interface Running {
  sha: string;
  abort: AbortController;
  done: Promise<void>;
}

/** After a failure of our own (a full disk, no `sh`) it tries again, but not in a tight loop. */
const PAUSE_AFTER_ERROR_MS = 30_000;

export function createWorker(desk: Desk, onIdle: () => void): Worker {
  const { clock, log } = desk.context;
  let running: Running | null = null;
  let pausedUntil = 0;
  let latest: readonly Candidate[] = [];

  const now = () => ({ monotonicMs: clock.monotonic(), wallMs: clock.now() });
  const known = (): Known => ({ ...desk.plan, results: desk.checks.view().get });

  async function work(mine: Running): Promise<void> {
    const { signal } = mine.abort;
    try {
      const { commonDir } = await desk.repository();
      await withRepoLock(ciTurn(commonDir), async () => {
        // Waiting for a turn may have taken long, and another instance may have done this job, so choose again.
        const job = signal.aborted ? null : nextJob(latest, known(), now());
        if (job === null) return;
        mine.sha = job.sha;
        await runJob(desk, job, signal);
        await pruneChecks(desk, latest);
      });
    } catch (error) {
      pausedUntil = clock.monotonic() + PAUSE_AFTER_ERROR_MS;
      log.warn("could not run CI", { sha: mine.sha, error: String(error).slice(0, 500) });
    } finally {
      desk.live.run = null;
      running = null;
      tell(desk, mine.sha);
      onIdle();
    }
  }

  return {
    tick(candidates) {
      latest = candidates;
      if (running !== null && !isWanted(running, candidates)) running.abort.abort();
      const results = known();
      noteBaselines(desk, candidates, { plan: results, now: now() });
      if (running !== null || clock.monotonic() < pausedUntil) return;
      const job = nextJob(candidates, results, now());
      if (job === null) return;
      running = { sha: job.sha, abort: new AbortController(), done: Promise.resolve() };
      running.done = work(running);
    },
    async stop() {
      running?.abort.abort();
      await running?.done;
    },
  };
}

/** The queue of a repository's CI: one run at a time, over all projects and instances. */
export const ciTurn = (commonDir: string): string => `ci ${commonDir}`;

/** Records with each failure of a head whether its base fails too, as soon as that is known. */
function noteBaselines(desk: Desk, candidates: readonly Candidate[], { plan, now }: { plan: Known; now: Now }): void {
  for (const { head, base } of candidates) {
    if (base === null) continue;
    for (const check of plan.ci) {
      const result = resultOf(plan.results(head), check);
      if (result === null || !isComparable(result) || result.base?.sha === base) continue;
      const baseline = baselineOf(plan, { base, check, now });
      if (baseline === undefined) continue;
      const noted = { ...result, base: { sha: base, ...baseline } };
      amendChecks(desk, head, (commit) => ({ ...commit, results: { ...commit.results, [check.name]: noted } }));
    }
  }
}

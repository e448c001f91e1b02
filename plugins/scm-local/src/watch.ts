import { isoNow } from "@agent-orchestrator/core/host/clock";
import { contains } from "./branch-facts.ts";
import type { Candidate } from "./ci/job.ts";
import { endLeftovers } from "./ci/leftovers.ts";
import { createWorker, type Worker } from "./ci/worker.ts";
import { amend, type Desk, tipsOf } from "./desk.ts";
import type { PRRecord } from "./records.ts";
import type { Repository } from "./repository.ts";

export type OnChange = (pr: { number?: number; branch?: string }) => void;

/** How often tips are looked at: a stat each. */
const LOOK_MS = 500;

interface Rest {
  head: string;
  base: string | null;
  /** Since when the tip is what it is. */
  sinceMs: number;
  isSettled: boolean;
}

/** One loop per project while anybody watches: sees tips move, keeps the records' heads, and drives CI. */
export function createWatch(desk: Desk): (onChange: OnChange) => Promise<{ stop(): Promise<void> }> {
  let loop: { done: Promise<void>; abort: AbortController } | null = null;
  return async (onChange) => {
    const listener: OnChange = (pr) => onChange(pr);
    desk.listeners.add(listener);
    if (loop === null) {
      const abort = new AbortController();
      loop = { abort, done: run(desk, abort.signal) };
    }
    return {
      async stop() {
        desk.listeners.delete(listener);
        if (desk.listeners.size > 0 || loop === null) return;
        const ending = loop;
        loop = null;
        ending.abort.abort();
        await ending.done;
      },
    };
  };
}

async function run(desk: Desk, signal: AbortSignal): Promise<void> {
  const { clock, log } = desk.context;
  const rests = new Map<number, Rest>();
  let nudge = new AbortController();
  const worker = createWorker(desk, () => nudge.abort());
  let complaint = "";
  let hasSwept = false;
  while (!signal.aborted) {
    // Made before looking: what ends meanwhile is looked at again at once.
    nudge = new AbortController();
    try {
      if (!hasSwept) await endLeftovers(desk.context);
      hasSwept = true;
      await look(desk, { rests, worker });
      complaint = "";
    } catch (error) {
      if (String(error) !== complaint) log.warn("pull requests could not be looked at", { error: String(error) });
      complaint = String(error);
    }
    await sleepUntil(clock.sleep(LOOK_MS, AbortSignal.any([signal, nudge.signal])));
  }
  await worker.stop();
}

async function sleepUntil(sleeping: Promise<void>): Promise<void> {
  try {
    await sleeping;
  } catch {
    // Woken before its time: that is what the signal is for.
  }
}

async function look(desk: Desk, { rests, worker }: { rests: Map<number, Rest>; worker: Worker }): Promise<void> {
  const open = [...desk.prs.all().values()].filter((record) => record.state === "open");
  for (const number of rests.keys()) if (!open.some((record) => record.number === number)) rests.delete(number);
  if (open.length === 0) return worker.tick([]);
  const repository = await desk.repository();
  const candidates: Candidate[] = [];
  for (const record of open) {
    const candidate = await lookAt(desk, repository, { record, rests });
    if (candidate !== null) candidates.push(candidate);
  }
  worker.tick(candidates);
}

interface Looked {
  record: PRRecord;
  rests: Map<number, Rest>;
}

async function lookAt(desk: Desk, repository: Repository, { record, rests }: Looked): Promise<Candidate | null> {
  const { number, branch } = record;
  const { head, base, upstream } = tipsOf(repository, record);
  const before = rests.get(number);
  const tip = head?.sha ?? "";
  let rest = before;
  if (rest === undefined || rest.head !== tip || rest.base !== base) {
    const isMoved = before !== undefined && before.head !== tip;
    const sinceMs = isMoved ? desk.context.clock.now() : (before?.sinceMs ?? head?.atMs ?? 0);
    rest = { head: tip, base, sinceMs, isSettled: false };
    rests.set(number, rest);
    if (before !== undefined) desk.changed({ number, branch });
  }
  const readyAtMs = rest.sinceMs + desk.options.ciSettle;
  if (!rest.isSettled && readyAtMs <= desk.context.clock.now()) {
    rest.isSettled = true;
    await settle(desk, repository, { record, base, upstream, tip });
  }
  return head === null || head.sha === base ? null : { number, head: head.sha, readyAtMs, base };
}

interface Settled {
  record: PRRecord;
  base: string | null;
  upstream: string | null;
  tip: string;
}

/** A tip came to rest: keep it as the head, or see that the branch was merged by other means than ours. */
async function settle(desk: Desk, repository: Repository, { record, base, upstream, tip }: Settled): Promise<void> {
  if (base === null) return;
  const ahead = tip === "" ? 0 : (await desk.facts(repository, { head: tip, base, upstream })).commitsAhead;
  const now = isoNow(desk.context.clock);
  if (ahead === 0 && (await contains(repository, base, record.headSha))) {
    amend(desk, record.number, () => ({ state: "merged", mergedAt: now, merging: null }));
  } else if (ahead > 0 && tip !== record.headSha) {
    amend(desk, record.number, () => ({ headSha: tip, headAt: now }));
  }
}

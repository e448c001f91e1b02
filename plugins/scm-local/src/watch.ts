import { isoNow, toIso } from "@agent-orchestrator/core/host/clock";
import { joinSignals } from "@agent-orchestrator/core/host/signals";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import { withRepoLock } from "@agent-orchestrator/plugin-kit/repo-lock";
import { leaveGoneBase, moveBases } from "./bases.ts";
import { contains } from "./branch-facts.ts";
import type { Candidate } from "./ci/job.ts";
import { endLeftovers } from "./ci/leftovers.ts";
import { sweepPlaces } from "./ci/place.ts";
import { ciTurn, createWorker, type Worker } from "./ci/worker.ts";
import { amend, type Desk, type Tips, tipsOf } from "./desk.ts";
import type { PRRecord } from "./records.ts";
import type { Repository } from "./repository.ts";

export type OnChange = (pr: { number?: number; branch?: string }) => void;

/** How often tips are checked, at a stat each. */
const LOOK_MS = 500;

interface Rest {
  head: string;
  base: string | null;
  /** Since when the tip is unchanged, on the monotonic clock. */
  sinceMs: number;
  isSettled: boolean;
  /** The head moved here, and the one before was recorded at that time. Null: it did not move. */
  recordedBeforeMs: number | null;
}

/** One loop per project while there are watchers. It notices new tips, updates the heads in the records, and drives CI. */
export function createWatch(
  desk: Desk,
): (onChange: OnChange, options?: CallOptions) => Promise<{ stop(): Promise<void> }> {
  let loop: { done: Promise<void>; abort: AbortController } | null = null;
  return async (onChange, options) => {
    options?.signal?.throwIfAborted();
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
  const worker = createWorker(desk, () => {
    watched.last.again = 0;
    nudge.abort();
  });
  const watched: Watched = { hasSwept: false, rests, worker, last: { key: "", dueMs: 0, again: 0, candidates: [] } };
  let complaint = "";
  while (!signal.aborted) {
    // Created before looking, so that what ends meanwhile is looked at again at once.
    nudge = new AbortController();
    try {
      await look(desk, watched);
      complaint = "";
    } catch (error) {
      if (String(error) !== complaint) log.warn("could not check the pull requests", { error: String(error) });
      complaint = String(error);
    }
    const waiting = joinSignals(signal, nudge.signal);
    await sleepUntil(clock.sleep(LOOK_MS, waiting.signal));
    waiting.release();
  }
  await worker.stop();
}

async function sleepUntil(sleeping: Promise<void>): Promise<void> {
  try {
    await sleeping;
  } catch {
    // Woken early by the signal, as intended.
  }
}

interface Watched {
  hasSwept: boolean;
  rests: Map<number, Rest>;
  worker: Worker;
  /** What the last look saw, and when something is due even without a change. */
  last: { key: string; dueMs: number; again: number; candidates: readonly Candidate[] };
}

/** When to try again to look at a head that may not be looked at now. */
const PACED_MS = 1_000;
/** How often to look for work that depends on time alone, such as another attempt at a set-up. */
const RELOOK_MS = 5_000;

async function look(desk: Desk, watched: Watched): Promise<void> {
  const { rests, worker, last } = watched;
  if (desk.prs.all().size === 0) return;
  const nowMs = desk.context.clock.monotonic();
  const repository = await desk.repository();
  if (!watched.hasSwept) {
    // In turn, because what another instance in this process is running is no leftover.
    await withRepoLock(ciTurn(repository.commonDir), async () => {
      await endLeftovers(desk.context);
      await sweepPlaces(desk);
    });
    watched.hasSwept = true;
  }
  const key = [repository.refs.revision(), desk.prs.generation(), desk.checks.generation()].join();
  if (key === last.key && nowMs < last.dueMs) {
    if (nowMs < last.again) return;
    last.again = nowMs + RELOOK_MS;
    return worker.tick(last.candidates);
  }
  moveBases(desk, repository.refs);
  const open = [...desk.prs.all().values()].filter((record) => record.state === "open");
  const numbers = new Set(open.map((record) => record.number));
  for (const number of rests.keys()) if (!numbers.has(number)) rests.delete(number);
  const settling: Settled[] = [];
  const candidates = open.flatMap(
    (record) => lookAt(desk, { record, tips: tipsOf(repository.refs, record), rests, settling }) ?? [],
  );
  const due = [...rests.values()]
    .filter(({ isSettled }) => !isSettled)
    .map((rest) => Math.max(settlesAtMs(desk, rest), nowMs + PACED_MS));
  watched.last = { key, candidates, dueMs: Math.min(...due), again: nowMs + RELOOK_MS };
  worker.tick(candidates);
  for (const settled of settling) await settle(desk, repository, settled);
}

/** A head that keeps moving is recorded this rarely. The record matters once the branch is merged or deleted by others. */
const RECORD_EVERY_MS = 60_000;

const settlesAtMs = (desk: Desk, { sinceMs, recordedBeforeMs }: Rest): number =>
  Math.max(
    sinceMs + desk.options.ciSettle,
    recordedBeforeMs === null ? 0 : recordedBeforeMs + RECORD_EVERY_MS + desk.options.ciSettle,
  );

interface Looked {
  record: PRRecord;
  tips: Tips;
  rests: Map<number, Rest>;
  /** Filled with the tips that have just settled. */
  settling: Settled[];
}

function lookAt(desk: Desk, { record, tips, rests, settling }: Looked): Candidate | null {
  const { number, branch } = record;
  const { head, base } = tips;
  const { clock } = desk.context;
  const nowMs = clock.monotonic();
  const before = rests.get(number);
  const tip = head?.sha ?? "";
  const mayLook = () => head === null || desk.mayLookAt(number, head);
  let rest = before;
  if (rest === undefined || rest.head !== tip || rest.base !== base) {
    const isMoved = before !== undefined && before.head !== tip;
    // A tip that is seen for the first time is as old as its file.
    const ageMs = head === null ? 0 : Math.max(0, clock.now() - head.atMs);
    const sinceMs = isMoved ? nowMs : (before?.sinceMs ?? nowMs - ageMs);
    const recordedMs = before?.isSettled === true ? before.sinceMs : (before?.recordedBeforeMs ?? null);
    rest = { head: tip, base, sinceMs, isSettled: false, recordedBeforeMs: isMoved ? recordedMs : null };
    rests.set(number, rest);
    // One that keeps moving is noticed by the next poll that may look at it.
    if (before !== undefined && (!isMoved || mayLook())) desk.changed({ number, branch });
  }
  const readyAtMs = rest.sinceMs + desk.options.ciSettle;
  if (!rest.isSettled && settlesAtMs(desk, rest) <= nowMs && mayLook()) {
    rest.isSettled = true;
    settling.push({ record, ...tips });
  }
  return head === null || head.sha === base ? null : { number, head: head.sha, readyAtMs, base };
}

interface Settled extends Tips {
  record: PRRecord;
}

/** Called when a tip has settled. Records it as the head, or notices that the branch was merged outside `ao`. */
async function settle(desk: Desk, repository: Repository, { record, head, base }: Settled): Promise<void> {
  if (base === null) return leaveGoneBase(desk, repository.refs, record);
  const ahead =
    head === null ? 0 : (await desk.facts(repository, { head: head.sha, base, landed: record.landed })).commitsAhead;
  const now = isoNow(desk.context.clock);
  if (ahead === 0 && (await contains(repository, base, record.headSha))) {
    amend(desk, record.number, () => ({ state: "merged", mergedAt: now, merging: null }));
  } else if (head !== null && ahead > 0 && head.sha !== record.headSha) {
    // The time of its file, as in the snapshot that was made of it before.
    amend(desk, record.number, () => ({ headSha: head.sha, headAt: toIso(head.atMs) }));
  }
}

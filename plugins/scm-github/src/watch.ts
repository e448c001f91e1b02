import { isDeepStrictEqual } from "node:util";
import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { LastLook, PRInfo, PRSnapshot } from "@agent-orchestrator/core/model/pull-request";
import { toIso } from "@agent-orchestrator/core/model/time";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { LookOptions } from "@agent-orchestrator/core/slots/scm";
import { failingJobs, failingNames } from "./checks.ts";
import { createCiAbsence } from "./ci-absence.ts";
import type { Desk } from "./desk.ts";
import { createPulse } from "./pulse.ts";
import { contextsOf, readBaseChecks, readManyDetails, readStates, STATES_AT_ONCE } from "./read.ts";
import type { DetailsNode, PullRequestNode } from "./responses.ts";
import { toWritten } from "./reviews.ts";
import { headAtOf, removalOf, toSnapshot } from "./snapshot.ts";

export interface Watch {
  /** From memory where nothing can have changed, the rest in batches. Null for one that GitHub did not answer for. */
  read(prs: readonly PRInfo[], options?: LookOptions): Promise<(PRSnapshot | null)[]>;
  /** As it is now. Throws if GitHub can't tell. */
  fresh(number: number, options?: CallOptions): Promise<PRSnapshot>;
  /** Increases when any pull request of the repository was touched. */
  generation(options?: LookOptions): Promise<number>;
  /** When GitHub last answered for this one, and when and why it is asked next. */
  lastLook(number: number): LastLook | null;
  /** This one, those from or to this branch, or anything, has changed: the next question is asked at once. */
  changed(which?: number | string): void;
}

/** How long an answer holds, by what can change without a trace in the list of pull requests. */
const PACE_MS = {
  /** GitHub works out whether it can be merged. */
  unknown: 5_000,
  /** Checks run. */
  running: 10_000,
  /** It changed within the last five minutes, or it may have changed again within the same second. */
  recent: 55_000,
  /** Checks that somebody runs again on an old commit, or that start by a clock. */
  quiet: 4 * 60_000,
};
/** What is due this soon is read along with what is due now. A query costs the same for one as for 25. */
const ALONG_MS = 30_000;
/** GitHub's times are whole seconds: two changes within one have the same time, and the same tag in the list. */
const SETTLED_MS = 5_000;
const UNKNOWN_ATTEMPTS = 5;
const UNKNOWN_MS = 600;
const RECENT_MS = 5 * 60_000;
const LONG_MS = 60 * 60_000;

interface Parts {
  node: PullRequestNode;
  details: DetailsNode;
  /** The repository's generation it was read in. */
  generation: number;
}

interface Known extends Parts {
  /** They were read long enough after `updatedAt` to have everything of that moment. */
  isSettled: boolean;
  snapshot: PRSnapshot;
  changedAt: number;
  readAt: number;
  dueAt: number;
}

export function createWatch(desk: Desk): Watch {
  const { clock } = desk.context;
  const pulse = createPulse({ github: desk.github, repo: desk.repo, clock });
  const memory = createMemory(desk);
  let turn: Promise<unknown> = Promise.resolve();

  /** One after the other: two readers at a time would ask for the same twice. */
  function inTurn<T>({ signal }: CallOptions, work: () => Promise<T>): Promise<T> {
    const begin = () => {
      signal?.throwIfAborted();
      return work();
    };
    const next = turn.then(begin, begin);
    turn = next.catch(() => undefined);
    return next;
  }

  return {
    read: (prs, options = {}) =>
      inTurn(options, async () => {
        const generation = await pulse.generation(options);
        const numbers = [...new Set(prs.map(({ number }) => number))];
        const due = memory.due(numbers, generation);
        if (due.length > 0) await memory.renew(due, generation, options);
        return prs.map(({ number }) => memory.get(number));
      }),
    fresh: (number, options = {}) =>
      inTurn(options, async () => {
        const generation = await pulse.generation(options);
        for (let attempt = 1; ; attempt++) {
          await memory.renew([number], generation, options);
          const snapshot = memory.get(number);
          if (snapshot === null) break;
          // GitHub begins to work it out when it is asked, and has it a moment later.
          if (snapshot.hasConflicts !== null || attempt === UNKNOWN_ATTEMPTS) return snapshot;
          await clock.sleep(UNKNOWN_MS, options.signal);
        }
        throw new AoError("NOT_FOUND", `${desk.repo.owner}/${desk.repo.name} has no pull request ${number}`);
      }),
    generation: (options = {}) => inTurn(options, () => pulse.generation(options)),
    lastLook(number) {
      const one = memory.timesOf(number);
      if (one === null) return null;
      const { askedAt, nextAt } = pulse.times();
      const toWall = (ms: number) => toIso(clock.now() - clock.monotonic() + ms);
      return {
        at: toWall(Math.max(one.readAt, askedAt)),
        nextAt: toWall(Math.min(one.dueAt, nextAt)),
        because: one.because,
      };
    },
    changed(which) {
      pulse.hurry();
      memory.expire(which);
    },
  };
}

function forget(one: Known, which?: number | string): void {
  const { number, headRefName, baseRefName } = one.node;
  if (which !== undefined && ![number, headRefName, baseRefName].includes(which)) return;
  one.dueAt = 0;
  // What people wrote can change without a trace, as when a review is dismissed. Checks don't change it.
  if (which === number) one.isSettled = false;
}

/** What was read of people's words holds as long as the pull request was not touched since. */
function keptDetails(before: Known | undefined, node: PullRequestNode): DetailsNode | null {
  const isTouched = before?.node.updatedAt !== node.updatedAt || before.node.headRefOid !== node.headRefOid;
  return before !== undefined && !isTouched && before.isSettled ? before.details : null;
}

/** What was read last, and until when it holds. */
function createMemory(desk: Desk) {
  const { clock } = desk.context;
  const known = new Map<number, Known>();
  const base = createBaseFacts(desk);
  let hints = 0;

  async function joined({ node, details, generation }: Parts, options: CallOptions): Promise<Known> {
    const before = known.get(node.number);
    const isSettled = before?.details === details || clock.now() - Date.parse(node.updatedAt) > SETTLED_MS;
    const snapshot = toSnapshot({
      node,
      details,
      repo: desk.repo,
      verdicts: desk.verdicts.of(node.id),
      written: await toWritten(details, headAtOf(node), { people: desk.people, ...options }),
      failingOnBase: await base.failing(node, options),
      failingInQueue: await base.failingInQueue(node, options),
      isCiAbsent: contextsOf(node).length === 0 && (await base.isCiAbsent(node, options)),
    });
    const isSame = before !== undefined && isDeepStrictEqual(before.snapshot, snapshot);
    const now = clock.monotonic();
    const changedAt = isSame ? before.changedAt : now;
    const { ms } = paceOf(snapshot, now - changedAt);
    const dueAt = now + (isSettled ? ms : Math.min(ms, PACE_MS.recent));
    const kept = isSame ? before.snapshot : snapshot;
    return { node, details, isSettled, generation, changedAt, readAt: now, dueAt, snapshot: kept };
  }

  return {
    get: (number: number): PRSnapshot | null => known.get(number)?.snapshot ?? null,
    timesOf: (number: number) => timesOf(known.get(number), clock.monotonic()),
    due: (numbers: readonly number[], generation: number): number[] =>
      dueOf(known, { numbers, generation, now: clock.monotonic() }),
    expire(which?: number | string): void {
      hints += 1;
      for (const one of known.values()) forget(one, which);
    },
    /** What could not be read is not known any more: an old answer must not pass for a new one. */
    async renew(numbers: readonly number[], generation: number, options: CallOptions): Promise<void> {
      const before = hints;
      const nodes = await readStates(desk, numbers, options);
      const kept = new Map([...nodes.values()].map((node) => [node.number, keptDetails(known.get(node.number), node)]));
      const wanted = [...kept].flatMap(([number, details]) => (details === null ? number : []));
      const read = await readManyDetails(desk, wanted, options);
      for (const number of numbers) {
        const node = nodes.get(number);
        const details = kept.get(number) ?? read.get(number);
        try {
          if (node === undefined || details === undefined) known.delete(number);
          else known.set(number, await joined({ node, details, generation }, options));
          // What changed while it was read may be missing.
          const one = known.get(number);
          if (one !== undefined && hints !== before) Object.assign(one, { dueAt: 0, isSettled: false });
        } catch (error) {
          known.delete(number);
          if (numbers.length === 1) throw error;
          desk.context.log.warn(`pull request ${number}: ${toAoError(error).message}`);
        }
      }
    },
  };
}

/** Those that must be read now. Empty, or with those whose turn is soon, as far as they cost no further query. */
function dueOf(
  known: ReadonlyMap<number, Known>,
  { numbers, generation, now }: { numbers: readonly number[]; generation: number; now: number },
): number[] {
  const by = (ms: number) =>
    numbers.filter((number) => {
      const one = known.get(number);
      return one === undefined || one.generation !== generation || ms >= one.dueAt;
    });
  const due = by(now);
  const room = Math.ceil(due.length / STATES_AT_ONCE) * STATES_AT_ONCE;
  return due.length === 0 ? due : [...new Set([...due, ...by(now + ALONG_MS)])].slice(0, room);
}

const NONE: ReadonlySet<string> = new Set();

function timesOf(one: Known | undefined, now: number): { readAt: number; dueAt: number; because: string } | null {
  if (one === undefined) return null;
  const { readAt, dueAt, snapshot, changedAt } = one;
  return { readAt, dueAt, because: paceOf(snapshot, now - changedAt).because };
}

function paceOf(snapshot: PRSnapshot, sinceChangeMs: number): { ms: number; because: string } {
  const isOver = snapshot.state === "merged" || snapshot.state === "closed";
  if (isOver) return { ms: PACE_MS.quiet, because: "it is over" };
  if (snapshot.hasConflicts === null) {
    return { ms: PACE_MS.unknown, because: "GitHub is working out whether it conflicts" };
  }
  if (snapshot.ci === "pending") return paceOfChecks(snapshot, sinceChangeMs);
  if (snapshot.checks.some(({ rerun }) => rerun === "later")) {
    return { ms: PACE_MS.running, because: "a failed check is run again when the others have finished" };
  }
  // Its place in a merge queue changes without a trace.
  const isQueued = (snapshot.mergeQueue?.position ?? null) !== null;
  if (isQueued) return { ms: PACE_MS.recent, because: "it is in a merge queue" };
  if (sinceChangeMs < RECENT_MS) return { ms: PACE_MS.recent, because: "it has changed in the last five minutes" };
  return { ms: PACE_MS.quiet, because: "it is quiet" };
}

/** Some never finish: nobody approves them, or what should report them is gone. */
function paceOfChecks({ checks }: PRSnapshot, sinceChangeMs: number): { ms: number; because: string } {
  const open = checks.filter(({ status }) => status === "pending" || status === "running");
  if (open.every(({ problem }) => problem !== undefined)) {
    return { ms: PACE_MS.recent, because: "its checks wait for an approval" };
  }
  if (sinceChangeMs > LONG_MS) return { ms: PACE_MS.recent, because: "its checks have not finished for an hour" };
  return { ms: PACE_MS.running, because: "its checks have not finished" };
}

/** What is the same for all pull requests of a base or of the repository. */
function createBaseFacts(desk: Desk) {
  const { clock } = desk.context;
  const failing = new Map<string, { names: Set<string>; at: number }>();
  const queued = new Map<number, { id: string; names: string[] }>();
  return {
    async failing(node: PullRequestNode, options: CallOptions): Promise<ReadonlySet<string>> {
      const oid = node.baseRef?.target.oid;
      if (oid === undefined || failingJobs(contextsOf(node)).size === 0) return NONE;
      const before = failing.get(oid);
      if (before !== undefined && clock.monotonic() - before.at < RECENT_MS) return before.names;
      const names = failingJobs(await readBaseChecks(desk, oid, options));
      failing.clear();
      failing.set(oid, { names, at: clock.monotonic() });
      return names;
    },
    /** Read once for each time that it left the queue. */
    async failingInQueue(node: PullRequestNode, options: CallOptions): Promise<string[]> {
      const removal = removalOf(node);
      const oid = removal?.beforeCommit?.oid;
      if (removal === null || oid === undefined || !node.isMergeQueueEnabled) return [];
      const before = queued.get(node.number);
      if (before?.id === removal.id) return before.names;
      const names = [...failingNames(await readBaseChecks(desk, oid, options))].sort();
      queued.set(node.number, { id: removal.id, names });
      return names;
    },
    isCiAbsent: createCiAbsence(desk),
  };
}

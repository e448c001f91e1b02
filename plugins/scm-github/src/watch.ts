import { isDeepStrictEqual } from "node:util";
import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { PRInfo, PRSnapshot } from "@agent-orchestrator/core/model/pull-request";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { LookOptions } from "@agent-orchestrator/core/slots/scm";
import type { DetailsNode, PullRequestNode } from "./answers.ts";
import { failingNames } from "./checks.ts";
import type { Desk } from "./desk.ts";
import { createPulse } from "./pulse.ts";
import { contextsOf, readBaseChecks, readDetails, readIsCiAbsent, readStates } from "./read.ts";
import { toWritten } from "./reviews.ts";
import { headAtOf, toSnapshot } from "./snapshot.ts";

export interface Watch {
  /** From memory where nothing can have changed, the rest in batches. Null for one that GitHub did not answer for. */
  read(prs: readonly PRInfo[], options?: LookOptions): Promise<(PRSnapshot | null)[]>;
  /** As it is now. Throws if GitHub can't tell. */
  fresh(number: number, options?: CallOptions): Promise<PRSnapshot>;
  /** Increases when any pull request of the repository was touched. */
  generation(options?: LookOptions): Promise<number>;
  /** This one, those from or to this branch, or anything, has changed: the next question is asked at once. */
  changed(which?: number | string): void;
}

/** How long an answer holds, by what can change without a trace in the list of pull requests. */
const PACE_MS = {
  /** GitHub works out whether it can be merged. */
  unknown: 5_000,
  /** Checks run. */
  running: 10_000,
  /** It changed within the last five minutes. */
  recent: 30_000,
  quiet: 10 * 60_000,
};
/** GitHub's times are whole seconds: two changes within one have the same time, and the same tag in the list. */
const SETTLED_MS = 5_000;
const UNKNOWN_ATTEMPTS = 5;
const UNKNOWN_MS = 600;
const RECENT_MS = 5 * 60_000;
const ABSENT_MS = 30 * 60_000;

interface Known {
  node: PullRequestNode;
  details: DetailsNode;
  /** They were read long enough after `updatedAt` to have everything of that moment. */
  isSettled: boolean;
  snapshot: PRSnapshot;
  /** The repository's generation it was read in. */
  generation: number;
  changedAt: number;
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
        const due = numbers.filter((number) => memory.isDue(number, generation));
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

/** What was read last, and until when it holds. */
function createMemory(desk: Desk) {
  const { clock } = desk.context;
  const known = new Map<number, Known>();
  const base = createBaseFacts(desk);
  let hints = 0;

  async function joined(node: PullRequestNode, generation: number, options: CallOptions): Promise<Known> {
    const before = known.get(node.number);
    const isTouched = before?.node.updatedAt !== node.updatedAt || before.node.headRefOid !== node.headRefOid;
    const isKept = before !== undefined && !isTouched && before.isSettled;
    const isSettled = isKept || clock.now() - Date.parse(node.updatedAt) > SETTLED_MS;
    const details = isKept ? before.details : await readDetails(desk, node.number, options);
    const hasFailure = failingNames(contextsOf(node)).size > 0;
    const snapshot = toSnapshot({
      node,
      details,
      repo: desk.repo,
      verdicts: desk.verdicts.of(node.id),
      written: await toWritten(details, headAtOf(node), { people: desk.people, ...options }),
      failingOnBase: hasFailure ? await base.failing(node, options) : NONE,
      isCiAbsent: contextsOf(node).length === 0 && (await base.isCiAbsent(options)),
    });
    const isSame = before !== undefined && isDeepStrictEqual(before.snapshot, snapshot);
    const now = clock.monotonic();
    const changedAt = isSame ? before.changedAt : now;
    const dueAt = now + paceOf(snapshot, now - changedAt);
    return { node, details, isSettled, generation, changedAt, dueAt, snapshot: isSame ? before.snapshot : snapshot };
  }

  return {
    get: (number: number): PRSnapshot | null => known.get(number)?.snapshot ?? null,
    isDue(number: number, generation: number): boolean {
      const one = known.get(number);
      return one === undefined || one.generation !== generation || clock.monotonic() >= one.dueAt;
    },
    expire(which?: number | string): void {
      hints += 1;
      for (const one of known.values()) forget(one, which);
    },
    /** What could not be read is not known any more: an old answer must not pass for a new one. */
    async renew(numbers: readonly number[], generation: number, options: CallOptions): Promise<void> {
      const before = hints;
      const nodes = await readStates(desk, numbers, options);
      for (const number of numbers) {
        const node = nodes.get(number);
        try {
          if (node === undefined) known.delete(number);
          else known.set(number, await joined(node, generation, options));
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

const NONE: ReadonlySet<string> = new Set();

function paceOf(snapshot: PRSnapshot, sinceChangeMs: number): number {
  if (snapshot.state === "merged" || snapshot.state === "closed") return PACE_MS.quiet;
  if (snapshot.hasConflicts === null) return PACE_MS.unknown;
  if (snapshot.ci === "pending") return PACE_MS.running;
  return sinceChangeMs < RECENT_MS ? PACE_MS.recent : PACE_MS.quiet;
}

/** What is the same for all pull requests of a base or of the repository. */
function createBaseFacts(desk: Desk) {
  const { clock } = desk.context;
  const failing = new Map<string, { names: Set<string>; at: number }>();
  let absent: { isAbsent: boolean; at: number } | null = null;
  return {
    async failing(node: PullRequestNode, options: CallOptions): Promise<ReadonlySet<string>> {
      const oid = node.baseRef?.target.oid;
      if (oid === undefined) return NONE;
      const before = failing.get(oid);
      if (before !== undefined && clock.monotonic() - before.at < RECENT_MS) return before.names;
      const names = failingNames(await readBaseChecks(desk, oid, options));
      failing.clear();
      failing.set(oid, { names, at: clock.monotonic() });
      return names;
    },
    async isCiAbsent(options: CallOptions): Promise<boolean> {
      if (absent === null || clock.monotonic() - absent.at > ABSENT_MS) {
        absent = { isAbsent: await readIsCiAbsent(desk, options), at: clock.monotonic() };
      }
      return absent.isAbsent;
    },
  };
}

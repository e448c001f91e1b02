import { createHash } from "node:crypto";
import type { CICheck } from "@agent-orchestrator/core/model/pull-request";
import type { CiCommand } from "../options.ts";
import type { CheckResult, CommitChecks } from "../records.ts";

/** One use of the CI checkout: some of the commands on one commit. */
export interface Job {
  sha: string;
  names: string[];
  /** `base` runs to find out whether a failure is the branch's own. */
  reason: "head" | "base";
}

export interface LiveRun {
  sha: string;
  names: readonly string[];
  /** The current command. Null while the checkout is being prepared. */
  current: string | null;
  startedAt: string;
}

/** An open pull request as CI sees it. */
export interface Candidate {
  number: number;
  head: string;
  /** When its tip will have settled, on the monotonic clock. */
  readyAtMs: number;
  base: string | null;
}

export interface Plan {
  ci: readonly CiCommand[];
  /** The commands that prepare a checkout. */
  setup: { lines: readonly string[]; timeoutMs: number };
  setupDefinition: string;
}

/** A plan, and what is known about commits. */
export interface Known extends Plan {
  results(sha: string): CommitChecks | null;
}

export const definitionOf = (...parts: (string | number)[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);

const definitions = new WeakMap<CiCommand, string>();

export function definitionOfCheck(check: CiCommand): string {
  const known = definitions.get(check) ?? definitionOf(check.run, check.timeout);
  definitions.set(check, known);
  return known;
}

/** Returns the result that counts: that of this command as configured now. */
export function resultOf(commit: CommitChecks | null, check: CiCommand): CheckResult | null {
  const result = commit?.results[check.name];
  return result?.definition === definitionOfCheck(check) && result.isStale !== true ? result : null;
}

const RETRY_MS = 300_000;
const MAX_RETRY_MS = 3_600_000;

export interface Now {
  monotonicMs: number;
  wallMs: number;
}

/** A problem of the machine may go away at any time, so it is tried again after 5, 10, 15, … minutes, and finally hourly. */
function isTooEarly(last: { at: string; attempts: number }, { wallMs }: Now): boolean {
  const passedMs = wallMs - Date.parse(last.at);
  // After the clock was set back, nothing waits longer than before.
  return passedMs >= 0 && passedMs < Math.min(RETRY_MS * last.attempts, MAX_RETRY_MS);
}

function isSetupTooEarly(commit: CommitChecks | null, plan: Plan, now: Now): boolean {
  const failure = commit?.setupFailure;
  return failure?.definition === plan.setupDefinition && isTooEarly(failure, now);
}

/** Whether it has no result for this commit, or only a problem that may have gone away by now. */
function isDue(result: CheckResult | null, now: Now): boolean {
  if (result === null) return true;
  return isCannotTell(result) && !isTooEarly({ at: result.completedAt, attempts: result.attempt }, now);
}

/** Whether it is a problem of this machine, and not one that only this branch has. */
const isCannotTell = ({ problem, isProgramMissing, base }: CheckResult): boolean =>
  problem !== undefined && !(isProgramMissing === true && base?.isFailing === false);

/** Whether a run of the base matters for this result of a head. */
export const isComparable = ({ status, problem, isProgramMissing }: CheckResult): boolean =>
  status === "failed" && (problem === undefined || isProgramMissing === true);

export interface BaseQuestion {
  base: string;
  check: CiCommand;
  now: Now;
}

/** Whether the base fails too, for a failing result of a head. Undefined if the base must run first. */
export function baselineOf(plan: Known, { base, check, now }: BaseQuestion): { isFailing: boolean | null } | undefined {
  const commit = plan.results(base);
  const result = resultOf(commit, check);
  if (result !== null && !isDue(result, now))
    return { isFailing: result.problem === undefined ? result.status === "failed" : null };
  return isSetupTooEarly(commit, plan, now) ? { isFailing: null } : undefined;
}

/**
 * Returns what to run next: first what a failure is waiting for, then heads in the order in which they settled, then what
 * is known only for an older base. The queue is derived, so a crash cannot lose it.
 */
export function nextJob(candidates: readonly Candidate[], plan: Known, now: Now): Job | null {
  const ordered = [...candidates].sort((a, b) => a.readyAtMs - b.readyAtMs || a.number - b.number);
  const baseJob = (isFirst: boolean) => firstOf(ordered, (candidate) => jobOnBase(candidate, plan, { isFirst, now }));
  const headJob = () =>
    firstOf(ordered, (candidate) => {
      if (candidate.readyAtMs > now.monotonicMs) return null;
      const commit = plan.results(candidate.head);
      if (isSetupTooEarly(commit, plan, now)) return null;
      const names = plan.ci.filter((check) => isDue(resultOf(commit, check), now)).map((check) => check.name);
      return names.length === 0 ? null : { sha: candidate.head, names, reason: "head" as const };
    });
  return baseJob(true) ?? headJob() ?? baseJob(false);
}

function jobOnBase(candidate: Candidate, plan: Known, { isFirst, now }: { isFirst: boolean; now: Now }): Job | null {
  const { base, head } = candidate;
  if (base === null) return null;
  const commit = plan.results(head);
  const names = plan.ci
    .filter((check) => {
      const result = resultOf(commit, check);
      if (result === null || !isComparable(result)) return false;
      if (result.base?.sha === base || (result.base === undefined) !== isFirst) return false;
      return baselineOf(plan, { base, check, now }) === undefined;
    })
    .map((check) => check.name);
  return names.length === 0 ? null : { sha: base, names, reason: "base" };
}

function firstOf<T, R>(items: readonly T[], pick: (item: T) => R | null): R | null {
  for (const item of items) {
    const picked = pick(item);
    if (picked !== null) return picked;
  }
  return null;
}

/** Whether this job is still needed. A newer head makes the run of an older one pointless. */
export function isWanted(run: Pick<LiveRun, "sha">, candidates: readonly Candidate[]): boolean {
  return candidates.some((candidate) => candidate.head === run.sha || candidate.base === run.sha);
}

export interface ChecksInput {
  plan: Known;
  head: string;
  hasBase: boolean;
  live: LiveRun | null;
  urlOfLog(log: string): string;
}

/** Returns the checks of one head as the slot reports them. */
export function checksOf({ plan, head, hasBase, live, urlOfLog }: ChecksInput): CICheck[] {
  const commit = plan.results(head);
  const isLive = live?.sha === head;
  const tell = (check: CiCommand): CICheck => {
    const result = resultOf(commit, check);
    if (result !== null) return finished(check.name, result, { hasBase, url: urlOfLog(result.log) });
    if (isLive && live.current === check.name)
      return { name: check.name, status: "running", startedAt: live.startedAt };
    const failure = commit?.setupFailure;
    if (!isLive && failure?.definition === plan.setupDefinition) {
      const problem = `CI could not be set up: ${failure.message}`;
      return { name: check.name, status: "pending", conclusion: "setup-failed", url: urlOfLog(failure.log), problem };
    }
    return { name: check.name, status: "pending" };
  };
  // The log is found by this id, whatever the branch's tip is by then.
  return plan.ci.map((check) => ({ ...tell(check), headSha: head }));
}

function finished(name: string, result: CheckResult, how: { hasBase: boolean; url: string }): CICheck {
  const { startedAt, completedAt, attempt, conclusion } = result;
  // Not reported as a failure before it is known whether the base fails too. A wrong "you broke it" is worse than a late one.
  if (isComparable(result) && result.base === undefined && how.hasBase) {
    return { name, status: "running", startedAt, attempt, conclusion: "comparing-with-base", url: how.url };
  }
  if (isCannotTell(result)) {
    const problem = result.problem ?? "";
    return { name, status: "pending", startedAt, completedAt, attempt, conclusion, problem, url: how.url };
  }
  const failsOnBase = result.base?.isFailing;
  return {
    name,
    status: result.status,
    conclusion,
    startedAt,
    completedAt,
    attempt,
    url: how.url,
    ...(typeof failsOnBase === "boolean" ? { failsOnBase } : {}),
  };
}

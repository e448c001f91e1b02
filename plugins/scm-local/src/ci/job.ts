import { createHash } from "node:crypto";
import type { CICheck } from "@agent-orchestrator/core/model/pull-request";
import type { CiCommand } from "../options.ts";
import type { CheckResult, CommitChecks } from "../records.ts";

/** One visit to the CI checkout: some of the commands on one commit. */
export interface Job {
  sha: string;
  names: string[];
  /** `base`: to learn whether a failure is the branch's own. */
  reason: "head" | "base";
}

export interface LiveRun {
  sha: string;
  names: readonly string[];
  /** The command that runs now; null while the checkout is made ready. */
  current: string | null;
  startedAt: string;
}

/** An open pull request as CI sees it. */
export interface Candidate {
  number: number;
  head: string;
  /** When its tip will have been still long enough, on the monotonic clock. */
  readyAtMs: number;
  base: string | null;
}

export interface Plan {
  ci: readonly CiCommand[];
  /** What makes a checkout ready. */
  setup: { lines: readonly string[]; timeoutMs: number };
  setupDefinition: string;
}

/** A plan, and what is known of commits. */
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

/** The result that counts: of this command as it is configured now. */
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

/** A problem of the machine may be over any time: it is tried again after 5, 10, 15, … minutes, in the end hourly. */
function isTooEarly(last: { at: string; attempts: number }, { wallMs }: Now): boolean {
  const passedMs = wallMs - Date.parse(last.at);
  // A clock that was set back has nothing wait for longer.
  return passedMs >= 0 && passedMs < Math.min(RETRY_MS * last.attempts, MAX_RETRY_MS);
}

function isSetupTooEarly(commit: CommitChecks | null, plan: Plan, now: Now): boolean {
  const failure = commit?.setupFailure;
  return failure?.definition === plan.setupDefinition && isTooEarly(failure, now);
}

/** It has no result of this commit, or only one of a problem that may be over by now. */
function isDue(result: CheckResult | null, now: Now): boolean {
  if (result === null) return true;
  return isCannotTell(result) && !isTooEarly({ at: result.completedAt, attempts: result.attempt }, now);
}

/** A problem of this machine, and not one that only this branch has. */
const isCannotTell = ({ problem, isProgramMissing, base }: CheckResult): boolean =>
  problem !== undefined && !(isProgramMissing === true && base?.isFailing === false);

/** Whether its base has something to say about this result of a head. */
export const isComparable = ({ status, problem, isProgramMissing }: CheckResult): boolean =>
  status === "failed" && (problem === undefined || isProgramMissing === true);

export interface BaseQuestion {
  base: string;
  check: CiCommand;
  now: Now;
}

/** What a failing result of a head can be told about its base; undefined: the base has to be run first. */
export function baselineOf(plan: Known, { base, check, now }: BaseQuestion): { isFailing: boolean | null } | undefined {
  const commit = plan.results(base);
  const result = resultOf(commit, check);
  if (result !== null && !isDue(result, now))
    return { isFailing: result.problem === undefined ? result.status === "failed" : null };
  return isSetupTooEarly(commit, plan, now) ? { isFailing: null } : undefined;
}

/**
 * What to run next. First what a failure waits for, then heads in the order in which they came to rest, then what is
 * known only of an older base. The queue is derived, so a crash cannot lose it.
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

/** Whether anybody still waits for this job: a newer head makes the run of an older one pointless. */
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

/** The checks of one head as the slot tells them. */
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
  // The log is found by it, whatever the branch's tip is then.
  return plan.ci.map((check) => ({ ...tell(check), headSha: head }));
}

function finished(name: string, result: CheckResult, how: { hasBase: boolean; url: string }): CICheck {
  const { startedAt, completedAt, attempt, conclusion } = result;
  // Not told as a failure before it is known whether the base fails too: a wrong "you broke it" is worse than a late one.
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

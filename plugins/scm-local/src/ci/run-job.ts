import { existsSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isoNow } from "@agent-orchestrator/core/host/clock";
import { newId } from "@agent-orchestrator/core/host/ids";
import { readEnd } from "../check-log.ts";
import type { Desk } from "../desk.ts";
import type { CiCommand } from "../options.ts";
import type { CheckResult, CommitChecks } from "../records.ts";
import { type CiCheckout, prepareCheckout } from "./checkout.ts";
import { type Outcome, runCommand } from "./command.ts";
import { definitionOf, definitionOfCheck, type Job } from "./job.ts";
import { forgetRunning, noteRunning } from "./leftovers.ts";
import { type Ended, judge, setupProblem } from "./verdict.ts";

/** Prepares the checkout and runs the job's commands in it. Records each once it has ended by itself. */
export async function runJob(desk: Desk, job: Job, signal: AbortSignal): Promise<void> {
  const startedAt = iso(desk);
  step(desk, job, { current: null, startedAt });
  const ready = await readyCheckout(desk, job, signal);
  if (ready === null) return;
  for (const check of desk.options.ci) {
    if (signal.aborted) return;
    if (job.names.includes(check.name)) await runCheck(desk, { job, check, ...ready, signal });
  }
}

const iso = (desk: Desk): string => isoNow(desk.context.clock);

function step(desk: Desk, job: Job, now: { current: string | null; startedAt: string }): void {
  desk.live.run = { sha: job.sha, names: job.names, ...now };
  tell(desk, job.sha);
}

async function readyCheckout(desk: Desk, job: Job, signal: AbortSignal): Promise<CiCheckout | null> {
  let log = join("logs", job.sha, "setup-1.log");
  try {
    const ready = await prepareCheckout(desk, job.sha, signal);
    const { dir, lacks } = ready;
    const { lines, timeoutMs } = desk.plan.setup;
    for (const [index, line] of lines.entries()) {
      log = join("logs", job.sha, `setup-${index + 1}.log`);
      const outcome = await inGroup(desk, { job, name: "setup", line, dir, log, timeoutMs, signal });
      if (outcome.kind === "aborted") return null;
      if (outcome.kind !== "exit" || outcome.exitCode !== 0) {
        return failSetup(desk, job, {
          message: setupProblem(line, ended(desk, outcome, { dir, lacks, log, timeoutMs })),
          log,
        });
      }
    }
    amendChecks(desk, job.sha, (commit) => (commit.setupFailure === null ? commit : { ...commit, setupFailure: null }));
    return ready;
  } catch (error) {
    if (signal.aborted) return null;
    return failSetup(desk, job, { message: error instanceof Error ? error.message : String(error), log });
  }
}

/** Leaves the checks pending, without a verdict, so that the set-up is tried again. */
function failSetup(desk: Desk, job: Job, what: { message: string; log: string }): null {
  const definition = desk.plan.setupDefinition;
  const before = desk.checks.get(job.sha)?.setupFailure;
  const attempts = before?.definition === definition ? before.attempts + 1 : 1;
  const message = what.message.slice(0, 2_000);
  amendChecks(desk, job.sha, (commit) => ({
    ...commit,
    setupFailure: { definition, attempts, at: iso(desk), message, log: what.log },
  }));
  if (attempts === 1) desk.context.log.warn(`CI could not be set up for ${job.sha.slice(0, 12)}: ${message}`);
  return null;
}

interface CheckRun {
  job: Job;
  check: CiCommand;
  dir: string;
  lacks: string | null;
  signal: AbortSignal;
}

async function runCheck(desk: Desk, { job, check, dir, lacks, signal }: CheckRun): Promise<void> {
  const startedAt = iso(desk);
  const attempt = (desk.checks.get(job.sha)?.results[check.name]?.attempt ?? 0) + 1;
  const slug = check.name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 40);
  const log = join("logs", job.sha, `${slug}-${definitionOf(check.name).slice(0, 6)}-${attempt}.log`);
  step(desk, job, { current: check.name, startedAt });
  const { name, run: line, timeout: timeoutMs } = check;
  const outcome = await inGroup(desk, { job, name, line, dir, log, timeoutMs, signal });
  if (outcome.kind === "aborted") return;
  const result: CheckResult = {
    definition: definitionOfCheck(check),
    attempt,
    ...judge(ended(desk, outcome, { dir, lacks, log, timeoutMs })),
    startedAt,
    completedAt: iso(desk),
    exitCode: outcome.kind === "exit" ? outcome.exitCode : null,
    log,
  };
  amendChecks(desk, job.sha, (commit) => ({ ...commit, results: { ...commit.results, [name]: result } }));
}

const OUTPUT_READ = 64 * 1024;

interface Run {
  dir: string;
  lacks: string | null;
  log: string;
  timeoutMs: number;
}

/** Everything that a verdict is based on, as it is now. */
function ended(desk: Desk, outcome: Ended["outcome"], { dir, lacks, log, timeoutMs }: Run): Ended {
  const output = readEnd(join(desk.context.stateDir, log), OUTPUT_READ) ?? "";
  return { outcome, output, lacks, timeoutMs, freeBytes: freeBytes([dir, tmpdir()]) };
}

/** Returns the least free space of these places. Null if it is unknown for all of them. */
function freeBytes(places: string[]): number | null {
  const known = places.flatMap((place) => {
    try {
      const { bavail, bsize } = statfsSync(place);
      return [bavail * bsize];
    } catch {
      return []; // It is gone, or its file system does not report it.
    }
  });
  return known.length === 0 ? null : Math.min(...known);
}

export function amendChecks(desk: Desk, sha: string, change: (commit: CommitChecks) => CommitChecks): void {
  const before = desk.checks.get(sha) ?? { sha, setupFailure: null, results: {} };
  const after = change(before);
  if (after === before) return;
  desk.checks.put(sha, after);
  tell(desk, sha);
}

/** Returns every pull request that this commit concerns. A base concerns those that are compared with it. */
export function tell(desk: Desk, sha: string): void {
  const open = [...desk.prs.all().values()].filter((record) => record.state === "open");
  const own = open.filter((record) => record.headSha === sha);
  for (const { number, branch } of own) desk.changed({ number, branch });
  if (own.length === 0) desk.changed({});
}

interface GroupRun extends Omit<CheckRun, "check" | "lacks"> {
  name: string;
  line: string;
  log: string;
  timeoutMs: number;
}

async function inGroup(desk: Desk, { job, name, line, dir, log, timeoutMs, signal }: GroupRun): Promise<Outcome> {
  const { context, options } = desk;
  const runId = newId();
  try {
    if (!existsSync(dir)) return { kind: "not-started", message: "CI's checkout is missing" };
    return await runCommand({
      line,
      cwd: dir,
      env: { ...context.env(), CI: "true", AO_CI: "1" },
      runId,
      logPath: join(context.stateDir, log),
      maxLogBytes: options.ciMaxLogBytes,
      timeoutMs,
      clock: context.clock,
      signal,
      onStart: (group) => noteRunning(context, { runId, sha: job.sha, check: name, ...group }),
    });
  } catch (error) {
    if (signal.aborted) return { kind: "aborted" };
    return { kind: "not-started", message: error instanceof Error ? error.message : String(error) };
  } finally {
    forgetRunning(context);
  }
}

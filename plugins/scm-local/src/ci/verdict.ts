import { oneLine } from "@agent-orchestrator/core/model/text";
import { formatDuration } from "@agent-orchestrator/core/model/time";
import type { CheckResult } from "../records.ts";
import type { Outcome } from "./command.ts";

export interface Ended {
  outcome: Exclude<Outcome, { kind: "aborted" }>;
  /** The end of what it printed. */
  output: string;
  /** What the checkout should have but lacks, in words. */
  lacks: string | null;
  timeoutMs: number;
  /** Free space on the file systems that it wrote to. Null if unknown. */
  freeBytes: number | null;
}

export type Verdict = Pick<CheckResult, "status" | "conclusion" | "problem" | "isProgramMissing">;

/** Below this nothing can be written, whatever was printed. */
const FULL_BYTES = 1 << 20;
/** Below this, a complaint about a full disk is believed. With more space, it may come from a test of just that. */
const LOW_BYTES = 256 << 20;

/**
 * What the end of a command says about the commit. A `problem` is one of this machine, and leaves the commit without a
 * verdict. A missing program may also be the branch's fault, which only a run on its base can show.
 */
export function judge(ended: Ended): Verdict {
  const { outcome, output } = ended;
  const isSuccess = outcome.kind === "exit" && outcome.exitCode === 0;
  if (isSuccess) return { status: "passed", conclusion: "success" };
  if (outcome.kind === "not-started") return cannotRun(outcome.message);
  const disk = diskProblem(ended);
  if (disk !== null) return cannotRun(disk);
  if (outcome.kind === "timed-out") return { status: "failed", conclusion: "timed_out" };
  if (outcome.kind === "output-limit") return { status: "failed", conclusion: "output_limit" };
  const { exitCode, signal } = outcome;
  if (exitCode === 126 || exitCode === 127) {
    const problem = `${missingProgram(output) ?? "a program could not be run"} (exit ${exitCode})`;
    return { ...cannotRun(problem), isProgramMissing: true };
  }
  const outside = endedFromOutside(exitCode, signal) ?? missingObject(output);
  if (outside !== null) return cannotRun(outside);
  // With a part of the checkout missing, any test may fail. A test that passes on the base says more.
  if (ended.lacks !== null) return { ...cannotRun(ended.lacks), isProgramMissing: true };
  return { status: "failed", conclusion: "failure" };
}

const cannotRun = (problem: string): Verdict => ({ status: "failed", conclusion: "cannot_run", problem });

/** In words for people: `npm ci: npm: not found (exit 127)`. */
export function setupProblem(line: string, ended: Ended): string {
  const { outcome, output, timeoutMs } = ended;
  return `${oneLine(line, 200)}: ${reason()}`;

  function reason(): string {
    const { problem, conclusion } = judge(ended);
    if (problem !== undefined) return problem;
    if (conclusion === "timed_out") return `did not end within ${formatDuration(timeoutMs)}`;
    if (conclusion === "output_limit") return "printed too much";
    const how =
      outcome.kind !== "exit"
        ? ""
        : outcome.exitCode === null
          ? `ended by ${outcome.signal}`
          : `exit ${outcome.exitCode}`;
    const last = lines(output).at(-1);
    return last === undefined ? how : `${how}: ${oneLine(last, 300)}`;
  }
}

/** Signals that come from the kernel's out-of-memory killer, a user or a shutdown, and not from a crash of the program. */
const OUTSIDE: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Directly, or as a shell passes it on: 128 plus the signal's number. */
function endedFromOutside(exitCode: number | null, signal: string | null): string | null {
  const found = Object.entries(OUTSIDE).find(([name, number]) => name === signal || exitCode === 128 + number);
  if (found === undefined) return null;
  const [name] = found;
  return name === "SIGKILL"
    ? "killed (SIGKILL); the machine may have run out of memory"
    : `ended from outside (${name})`;
}

function diskProblem({ output, freeBytes }: Ended): string | null {
  if (freeBytes !== null && freeBytes < FULL_BYTES) return "no space left on the disk";
  if (/\b(?:Disk quota exceeded|EDQUOT)\b/i.test(output)) return "the disk quota is used up";
  const isLow = freeBytes !== null && freeBytes < LOW_BYTES;
  return isLow && /\b(?:No space left on device|ENOSPC)\b/i.test(output) ? "no space left on the disk" : null;
}

/** Git in a partial clone whose remote did not respond. */
function missingObject(output: string): string | null {
  const isOne = /^(?:fatal|error): (?:could not fetch [0-9a-f]{40,64} from promisor remote|.*promisor remote)/m.test(
    output,
  );
  return isOne ? "objects of this partial clone could not be fetched from its remote" : null;
}

const MISSING =
  /\b(?:not found|No such file or directory|Permission denied|bad interpreter|cannot execute|Exec format error)\b/i;

/** The shell's own line about the missing program, without the shell's name: `python: not found`. */
function missingProgram(output: string): string | null {
  const line = lines(output).findLast((each) => MISSING.test(each));
  if (line === undefined) return null;
  return oneLine(line.replace(/^\S*sh: (?:(?:line )?\d+: )?/, ""), 200);
}

/** The log without the line that we add below the output. */
const lines = (output: string): string[] =>
  output.split("\n").filter((line) => line.trim() !== "" && !/^\[(?:exit|ended) .*\]$/.test(line.trim()));

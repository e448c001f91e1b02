import { expect, it } from "vitest";
import { type Ended, judge, setupProblem } from "./verdict.ts";

const GIB = 1 << 30;
const exit = (exitCode: number | null, signal: string | null = null): Ended["outcome"] => ({
  kind: "exit",
  exitCode,
  signal,
});
const ended = (outcome: Ended["outcome"], output = "", freeBytes: number | null = 20 * GIB): Ended => ({
  outcome,
  output,
  lacks: null,
  timeoutMs: 600_000,
  freeBytes,
});

/** How it ended and what it printed → what prevents a verdict. Null if there is a verdict on the commit. */
it.each<[string, Ended, string | null]>([
  ["a test that fails", ended(exit(1), "not ok 3\n\n[exit 1]\n"), null],
  [
    "a test in a checkout whose submodules could not be fetched",
    { ...ended(exit(1), "not ok 3\n"), lacks: "submodules were left empty: no route to host" },
    "submodules were left empty: no route to host",
  ],
  [
    "git without an object that a partial clone left on its remote",
    ended(exit(128), `fatal: could not fetch ${"a".repeat(40)} from promisor remote\n`),
    "objects of this partial clone could not be fetched from its remote",
  ],
  [
    "dash with a missing program",
    ended(exit(127), "sh: 1: python: not found\n\n[exit 127]\n"),
    "python: not found (exit 127)",
  ],
  [
    "bash with a missing program",
    ended(exit(127), "bash: line 3: cargo: command not found\n"),
    "cargo: command not found (exit 127)",
  ],
  ["a shell that prints its path", ended(exit(127), "/bin/sh: 1: go: not found\n"), "go: not found (exit 127)"],
  [
    "env with a missing program",
    ended(exit(127), "env: 'node': No such file or directory\n"),
    "env: 'node': No such file or directory (exit 127)",
  ],
  [
    "a file that is not executable",
    ended(exit(126), "sh: 1: ./t.sh: Permission denied\n"),
    "./t.sh: Permission denied (exit 126)",
  ],
  ["an exit of 127 without output", ended(exit(127), ""), "a program could not be run (exit 127)"],
  ["similar output with another exit code", ended(exit(1), "page: not found\n"), null],
  [
    "the kernel's out-of-memory killer",
    ended(exit(null, "SIGKILL")),
    "killed (SIGKILL); the machine may have run out of memory",
  ],
  [
    "the same as reported by a shell",
    ended(exit(137), "Killed\n"),
    "killed (SIGKILL); the machine may have run out of memory",
  ],
  ["a shutdown", ended(exit(null, "SIGTERM")), "ended from outside (SIGTERM)"],
  ["a shutdown, as reported by a shell", ended(exit(143)), "ended from outside (SIGTERM)"],
  ["a hang-up", ended(exit(null, "SIGHUP")), "ended from outside (SIGHUP)"],
  ["somebody's Ctrl-C", ended(exit(130)), "ended from outside (SIGINT)"],
  ["a crash of the program", ended(exit(null, "SIGSEGV")), null],
  ["a crash, as reported by a shell", ended(exit(139)), null],
  ["an abort", ended(exit(134)), null],
  ["a full disk", ended(exit(1), "write: No space left on device\n", 4096), "no space left on the disk"],
  ["a full disk that left no log", ended(exit(1), "", 0), "no space left on the disk"],
  [
    "a disk that was full a moment ago",
    ended(exit(1), "Error: ENOSPC: no space\n", 100 << 20),
    "no space left on the disk",
  ],
  ["a test about full disks", ended(exit(1), "AssertionError: expected ENOSPC\n"), null],
  ["a quota", ended(exit(1), "cp: Disk quota exceeded\n"), "the disk quota is used up"],
  ["little free space and a failing test", ended(exit(1), "not ok 3\n", 100 << 20), null],
  ["a test that never ends", ended({ kind: "timed-out" }), null],
  ["a flood", ended({ kind: "output-limit" }), null],
  ["no process available", ended({ kind: "not-started", message: "spawn EAGAIN" }), "spawn EAGAIN"],
  [
    "a missing checkout",
    ended({ kind: "not-started", message: "CI's checkout is missing" }),
    "CI's checkout is missing",
  ],
])("%s", (_what, given, problem) => {
  expect(judge(given)).toMatchObject({ status: "failed", ...(problem === null ? {} : { problem }) });
  expect(judge(given).problem ?? null).toBe(problem);
});

it("accepts a command that passed, whatever it printed and however full the disk is", () => {
  expect(judge(ended(exit(0), "No space left on device\nsh: x: not found\n", 0))).toEqual({
    status: "passed",
    conclusion: "success",
  });
});

it.each([
  [ended(exit(127), "sh: 1: npm: not found\n"), "npm ci: npm: not found (exit 127)"],
  [ended(exit(7), "trying\nno network\n\n[exit 7]\n"), "npm ci: exit 7: no network"],
  [ended(exit(1), ""), "npm ci: exit 1"],
  [ended({ kind: "timed-out" }), "npm ci: did not end within 10 m"],
  [ended(exit(null, "SIGSEGV")), "npm ci: ended by SIGSEGV"],
  [ended({ kind: "output-limit" }), "npm ci: printed too much"],
])("says why a set-up failed", (given, text) => {
  expect(setupProblem("npm ci", given)).toBe(text);
});

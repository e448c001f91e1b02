import { expect, it } from "vitest";
import type { CheckResult, CommitChecks } from "../records.ts";
import { baselineOf, type Candidate, checksOf, definitionOfCheck, type Known, nextJob } from "./job.ts";

const test = { name: "test", run: "npm test", timeout: 1_000 };
const lint = { name: "lint", run: "npm run lint", timeout: 1_000 };
const T0 = Date.parse("2026-01-01T00:00:00Z");
/** Returns a time this much later on both clocks. */
const later = (ms: number) => ({ monotonicMs: 1_000 + ms, wallMs: T0 + ms });
const NOW = later(0);

function result(check: typeof test, changes: Partial<CheckResult> = {}): CheckResult {
  const at = "2026-01-01T00:00:00.000Z";
  return {
    definition: definitionOfCheck(check),
    attempt: 1,
    status: "passed",
    conclusion: "success",
    startedAt: at,
    completedAt: at,
    exitCode: 0,
    log: "logs/x",
    ...changes,
  };
}

const commit = (sha: string, results: Record<string, CheckResult>, more: Partial<CommitChecks> = {}): CommitChecks => ({
  sha,
  setupFailure: null,
  results,
  ...more,
});

const plan = (commits: CommitChecks[]): Known => ({
  ci: [test, lint],
  setup: { lines: [], timeoutMs: 0 },
  setupDefinition: "s",
  results: (sha) => commits.find((one) => one.sha === sha) ?? null,
});

const pr = (number: number, head: string, readyInMs = 0): Candidate => ({
  number,
  head,
  readyAtMs: NOW.monotonicMs + readyInMs,
  base: "base",
});
const failed = { status: "failed" as const, conclusion: "failure", exitCode: 1 };

it("runs heads in the order in which they settled, and none that is still changing", () => {
  expect(nextJob([pr(1, "a", 5), pr(2, "b", -5), pr(3, "c", -9)], plan([]), NOW)).toMatchObject({ sha: "c" });
  expect(nextJob([pr(1, "a", 5)], plan([]), NOW)).toBeNull();
  expect(nextJob([], plan([]), NOW)).toBeNull();
});

it("runs only what has no result of the command as configured now", () => {
  const known = plan([commit("a", { test: result(test), lint: result(lint, { definition: "older" }) })]);
  expect(nextJob([pr(1, "a")], known, NOW)).toEqual({ sha: "a", names: ["lint"], reason: "head" });
});

it("runs a failing check on the base before anything else, and only that check, once", () => {
  const red = commit("a", { test: result(test, failed), lint: result(lint) });
  const candidates = [pr(1, "a"), pr(2, "b", -50)];
  expect(nextJob(candidates, plan([red]), NOW)).toEqual({ sha: "base", names: ["test"], reason: "base" });
  const known = plan([red, commit("base", { test: result(test) })]);
  expect(nextJob(candidates, known, NOW)).toMatchObject({ sha: "b", reason: "head" });
});

it("runs an advanced base again only when no head is waiting", () => {
  const red = commit("a", {
    test: result(test, { ...failed, base: { sha: "older", isFailing: false } }),
    lint: result(lint),
  });
  expect(nextJob([pr(1, "a"), pr(2, "b")], plan([red]), NOW)).toMatchObject({ sha: "b" });
  expect(nextJob([pr(1, "a")], plan([red]), NOW)).toEqual({ sha: "base", names: ["test"], reason: "base" });
});

it("tries a failed set-up again after a while, and finally once an hour, as the machine may be fixed at any time", () => {
  const failure = (attempts: number, definition = "s") =>
    plan([
      commit(
        "a",
        {},
        { setupFailure: { definition, attempts, at: "2026-01-01T00:00:00.000Z", message: "m", log: "l" } },
      ),
    ]);
  expect(nextJob([pr(1, "a")], failure(1), later(299_000))).toBeNull();
  expect(nextJob([pr(1, "a")], failure(1), later(301_000))).not.toBeNull();
  expect(nextJob([pr(1, "a")], failure(99), later(3_599_000))).toBeNull();
  expect(nextJob([pr(1, "a")], failure(99), later(3_601_000))).not.toBeNull();
  expect(nextJob([pr(1, "a")], failure(3, "changed"), NOW)).not.toBeNull();
});

const missing = {
  ...failed,
  conclusion: "cannot_run",
  exitCode: 127,
  problem: "go: not found",
  isProgramMissing: true,
};
const killed = { ...failed, conclusion: "cannot_run", exitCode: 137, problem: "killed" };
const tellOf = (commits: CommitChecks[], hasBase = true) =>
  checksOf({ plan: plan(commits), head: "a", hasBase, live: null, urlOfLog: (log) => log })[0];

it("reports what the machine prevented as pending, with the reason, and never as a failure of the head or the base", () => {
  const pending = (problem: string) => ({ status: "pending", conclusion: "cannot_run", problem, url: "logs/x" });
  expect(tellOf([commit("a", { test: result(test, killed) })])).toMatchObject(pending("killed"));
  expect(tellOf([commit("a", { test: result(test, missing) })], false)).toMatchObject(pending("go: not found"));
  const noted = result(test, { ...missing, base: { sha: "base", isFailing: null } });
  expect(tellOf([commit("a", { test: noted })])).toMatchObject(pending("go: not found"));
  const red = result(test, failed);
  const head = commit("a", { test: red, lint: result(lint) });
  const known = plan([head, commit("base", { test: result(test, missing) })]);
  expect(baselineOf(known, { base: "base", check: test, now: NOW })).toEqual({ isFailing: null });
});

it("calls a missing program the branch's failure if the base can run it", () => {
  const own = result(test, { ...missing, base: { sha: "base", isFailing: false } });
  expect(tellOf([commit("a", { test: own })])).toMatchObject({ status: "failed", failsOnBase: false });
  expect(tellOf([commit("a", { test: own })])).not.toHaveProperty("problem");
});

it("runs the base after a missing program, and not after a killed command", () => {
  const of = (bad: Partial<CheckResult>) => plan([commit("a", { test: result(test, bad), lint: result(lint) })]);
  expect(nextJob([pr(1, "a")], of(missing), NOW)).toEqual({ sha: "base", names: ["test"], reason: "base" });
  expect(nextJob([pr(1, "a")], of(killed), NOW)).toBeNull();
});

it("runs what the machine prevented again after a while, on the head and on the base", () => {
  const noted = { ...missing, base: { sha: "base", isFailing: null } };
  const head = (bad: Partial<CheckResult>) => commit("a", { test: result(test, bad), lint: result(lint) });
  const due = { sha: "a", names: ["test"], reason: "head" };
  for (const bad of [killed, noted]) {
    expect(nextJob([pr(1, "a")], plan([head(bad)]), later(299_000))).toBeNull();
    expect(nextJob([pr(1, "a")], plan([head(bad)]), later(301_000))).toEqual(due);
  }
  const anew = plan([head(failed), commit("base", { test: result(test, missing) })]);
  expect(nextJob([pr(1, "a")], anew, later(299_000))).toBeNull();
  expect(nextJob([pr(1, "a")], anew, later(301_000))).toMatchObject({ sha: "base", names: ["test"] });
});

it("reports a failure only once it is known whether the base fails too", () => {
  const tell = (red: CheckResult, hasBase = true) =>
    checksOf({ plan: plan([commit("a", { test: red })]), head: "a", hasBase, live: null, urlOfLog: (log) => log })[0];
  expect(tell(result(test, failed))).toMatchObject({ status: "running", conclusion: "comparing-with-base" });
  expect(tell(result(test, failed), false)).toMatchObject({ status: "failed" });
  const withBase = (isFailing: boolean | null) => tell(result(test, { ...failed, base: { sha: "base", isFailing } }));
  expect(withBase(true)).toMatchObject({ status: "failed", failsOnBase: true });
  expect(withBase(false)).toMatchObject({ status: "failed", failsOnBase: false });
  expect(withBase(null)).not.toHaveProperty("failsOnBase");
});

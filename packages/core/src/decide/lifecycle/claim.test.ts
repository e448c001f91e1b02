import { exited, play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { expect, test } from "vitest";

const SEC = 1_000;
const MIN = 60_000;
const task = { issue: { id: "42", title: "Fix the login", url: "u" }, prompt: null };
const claims = (run: ReturnType<typeof play>) =>
  run.did("claim-issue").map((action) => (action.kind === "claim-issue" ? [action.key, action.isClaimed] : []));
const failed = (n: number, code: "UNREACHABLE" | "UNAVAILABLE"): TestFact => ({
  kind: "effect-failed",
  key: `claim-issue:app-1:${n}`,
  action: "claim-issue",
  failure: { code, message: "GitHub answered 502" },
});

test("an issue is claimed when its session starts, released when it ends, and claimed again by a restore", () => {
  const run = playRunning({ claimIssue: true }, { task }).at(1 * SEC);
  expect(claims(run)).toEqual([["claim-issue:app-1:1", true]]);
  run.at(2 * SEC, exited(2 * SEC, 1));
  expect(run.record.status).toBe("errored");
  expect(claims(run)).toEqual([
    ["claim-issue:app-1:1", true],
    ["claim-issue:app-1:2", false],
  ]);
  run.at(3 * SEC, { kind: "wish-restore" }).at(3 * SEC, { kind: "admitted" });
  expect(claims(run).at(-1)).toEqual(["claim-issue:app-1:3", true]);
  run.at(10 * MIN);
  expect(claims(run)).toHaveLength(3);
});

test("a session that waits in the queue claims its issue too", () => {
  const run = play({ claimIssue: true }, { task }).at(0);
  expect(claims(run)).toEqual([]);
  run.at(0, { kind: "waiting", reason: "10 agents are at work" });
  expect(claims(run)).toHaveLength(1);
});

test.each([
  ["the config does not say so", { claimIssue: false }, { task }],
  ["there is no issue", { claimIssue: true }, { task: { issue: null, prompt: "Fix it" } }],
])("nothing is claimed if %s", (_, policy, record) => {
  const run = playRunning(policy, record).at(1 * SEC, exited(1 * SEC, 1));
  expect(claims(run)).toEqual([]);
});

test("a claim that the tracker did not answer is tried again, less and less often, and given up in the end", () => {
  const run = playRunning({ claimIssue: true }, { task }).at(1 * SEC, failed(1, "UNREACHABLE"));
  expect(claims(run)).toHaveLength(1);
  run.until(6 * MIN);
  expect(claims(run).at(-1)).toEqual(["claim-issue:app-1:2", true]);
  for (let n = 2; n < 20; n++) run.at(n * 60 * MIN, failed(n, "UNREACHABLE")).until((n + 1) * 60 * MIN - SEC);
  expect(claims(run)).toHaveLength(6);
  expect(run.record.notes.at(-1)).toBe("Issue 42 could not be claimed: GitHub answered 502");
});

test("a claim that was refused is not tried again, but the release is made", () => {
  const run = playRunning({ claimIssue: true }, { task })
    .at(1 * SEC, failed(1, "UNAVAILABLE"))
    .until(10 * MIN);
  expect(claims(run)).toHaveLength(1);
  run.at(11 * MIN, exited(11 * MIN, 1));
  expect(claims(run).at(-1)).toEqual(["claim-issue:app-1:2", false]);
});

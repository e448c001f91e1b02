import { exited, play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aPr, startFacts } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";

const SEC = 1_000;
const MIN = 60_000;
const task = { issue: { id: "INT-100", title: "Fix the login", url: "u" }, prompt: null };
const stages = (run: ReturnType<typeof play>) =>
  run.did("stage-issue").map((action) => (action.kind === "stage-issue" ? [action.stage, action.pr?.url ?? null] : []));
const pr = (changes: Parameters<typeof aPr>[0] = {}): TestFact => ({ kind: "pr", snapshot: aPr(changes) });
const { url } = aPr().info;
const failed = (n: number, code: "UNREACHABLE" | "CONFIG"): TestFact => ({
  kind: "effect-failed",
  key: `stage-issue:app-1:${n}`,
  action: "stage-issue",
  failure: { code, message: "Linear answered 502" },
});

test("an issue has begun when its agent runs, and is in review when its pull request is open, each told once", () => {
  const run = play({ stageIssue: true }, { task }).at(0, { kind: "waiting", reason: "10 agents are at work" });
  expect(stages(run)).toEqual([]);
  const running = playRunning({ stageIssue: true }, { task }).at(1 * SEC);
  expect(stages(running)).toEqual([["started", null]]);
  running.at(2 * SEC, pr({ state: "draft" }));
  running.at(3 * SEC, pr());
  running.at(4 * SEC, pr({ state: "draft" })).at(5 * SEC, pr());
  expect(stages(running)).toEqual([
    ["started", null],
    ["started", url],
    ["review", url],
  ]);
});

test("the next pull request is told as well, and the issue does not go back", () => {
  const run = playRunning({ stageIssue: true }, { task }).at(1 * SEC, pr());
  const other = { ...aPr().info, number: 9, url: "https://github.com/acme/shop/pull/9" };
  run.at(2 * SEC, pr({ state: "closed" })).at(3 * SEC, pr({ info: other, state: "draft" }));
  expect(stages(run)).toEqual([
    ["started", null],
    ["review", url],
    ["review", other.url],
  ]);
});

test.each([
  ["the tracker has no stages", { stageIssue: false }, { task }],
  ["there is no issue", { stageIssue: true }, { task: { issue: null, prompt: "Fix it" } }],
])("nothing is told if %s", (_, policy, record) => {
  const run = playRunning(policy, record).at(1 * SEC, pr());
  expect(stages(run)).toEqual([]);
});

test("one that is over tells nothing, and a restored one nothing again", () => {
  const run = playRunning({ stageIssue: true }, { task }).at(1 * SEC);
  run
    .at(2 * SEC, exited(2 * SEC, 1))
    .at(3 * SEC, failed(1, "UNREACHABLE"))
    .until(10 * MIN);
  expect(stages(run)).toHaveLength(1);
  run.at(11 * MIN, { kind: "wish-restore" }).at(11 * MIN, { kind: "admitted" });
  run.at(11 * MIN, ...startFacts(11 * MIN, 2).map(({ at: _, ...fact }) => fact as TestFact));
  expect(stages(run)).toHaveLength(2);
  run
    .at(12 * MIN, exited(12 * MIN, 1, 2))
    .at(13 * MIN, { kind: "wish-restore" })
    .at(13 * MIN, { kind: "admitted" });
  run.at(13 * MIN, ...startFacts(13 * MIN, 3).map(({ at: _, ...fact }) => fact as TestFact)).until(60 * MIN);
  expect(stages(run)).toHaveLength(2);
});

test("what the tracker did not take is told again, less and less often, and what it refuses is said once", () => {
  const run = playRunning({ stageIssue: true }, { task })
    .at(1 * SEC, failed(1, "UNREACHABLE"))
    .until(6 * MIN);
  expect(stages(run)).toHaveLength(2);
  for (let n = 2; n < 20; n++) run.at(n * 60 * MIN, failed(n, "UNREACHABLE")).until((n + 1) * 60 * MIN - SEC);
  expect(stages(run)).toHaveLength(6);
  expect(run.record.notes.at(-1)).toBe('Issue INT-100 could not be moved to "started": Linear answered 502');
  const refused = playRunning({ stageIssue: true }, { task })
    .at(1 * SEC, failed(1, "CONFIG"))
    .until(60 * MIN);
  expect(stages(refused)).toHaveLength(1);
});

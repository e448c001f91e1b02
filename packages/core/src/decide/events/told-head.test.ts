import { activity, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aPr } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";

const SEC = 1_000;
const MIN = 60 * SEC;
const sha = (n: number): string => n.toString(16).padStart(40, "0");
const head = (n: number): TestFact => ({ kind: "pr", snapshot: aPr({ headSha: sha(n) }) });
const told = (run: Play) => run.events.filter(({ type }) => type === "pr.updated");

/** A turn with a pull request, whose agent pushes every minute. */
function pushing(minutes: number): Play {
  let run = playRunning()
    .at(1 * SEC, activity("active", 1 * SEC))
    .at(2 * SEC, head(0));
  for (let n = 1; n <= minutes; n += 1) run = run.at(n * MIN, activity("active", 1 * SEC), head(n));
  return run;
}

test("the first new head of a turn is told of at once", () => {
  expect(told(pushing(1)).map(({ data }) => data)).toMatchObject([{ headSha: sha(1), was: { headSha: sha(0) } }]);
});

test("in a turn with 25 pushes, new heads are told of every ten minutes, each with the one that was told of before", () => {
  expect(told(pushing(25)).map(({ data }) => data)).toMatchObject([
    { headSha: sha(1), was: { headSha: sha(0) } },
    { headSha: sha(11), was: { headSha: sha(1) } },
    { headSha: sha(21), was: { headSha: sha(11) } },
  ]);
});

test("the last head of a turn is told of when it ends", () => {
  const run = pushing(5).at(5 * MIN + 1 * SEC, activity("ready", 5 * MIN + 1 * SEC));
  expect(told(run).map(({ data }) => data.headSha)).toEqual([sha(1), sha(5)]);
});

test("a head that is not told of yet is told of when its time has come, without another fact", () => {
  const run = pushing(5);
  expect(run.last.wakeAtMs).not.toBeNull();
  expect(told(run.at(11 * MIN)).map(({ data }) => data.headSha)).toEqual([sha(1), sha(5)]);
});

test("what else changes is told of at once", () => {
  const other: TestFact = {
    kind: "pr",
    snapshot: aPr({ headSha: sha(3), info: { ...aPr().info, baseBranch: "next" } }),
  };
  const run = pushing(2).at(3 * MIN, other);
  expect(told(run).map(({ message }) => message)).toHaveLength(2);
});

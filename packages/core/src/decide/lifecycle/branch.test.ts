import { playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aWork, HEAD2, iso } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";

const SEC = 1000;
const work = (ms: number): TestFact => ({ kind: "work", work: aWork({ at: iso(ms), commitsAhead: 1 }) });

test("a session is moved to the branch that the agent asks for, although the last look is older than the switch", () => {
  const run = playRunning().at(1 * SEC, work(1 * SEC));
  run.at(2 * SEC, { kind: "wish-branch", branch: "fix/login", headSha: HEAD2 });
  expect(run.record.stray).toEqual({ branch: "fix/login", headSha: HEAD2, reason: null });
  run.at(3 * SEC, work(3 * SEC));
  expect(run.record.stray).toMatchObject({ branch: "fix/login", reason: null });
  run.at(4 * SEC, { kind: "branch-refused", branch: "fix/login", reason: "fix/login is the base" });
  expect(run.record.stray ?? null).toBeNull();
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import { fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { pluginSession } from "@agent-orchestrator/testkit/session";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { tempRepo } from "@agent-orchestrator/testkit/temp-repo";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, onTestFinished, test } from "vitest";
import { quietWatch } from "./quiet.ts";

function watching(
  options: { workspacePath?: string; isPerTurn?: boolean; activity?: "ready"; readyThresholdMs?: number } = {},
) {
  const clock = fakeClock();
  let sleeps = 0;
  const counted = {
    ...clock,
    sleep: (ms: number, signal?: AbortSignal) => {
      sleeps += 1;
      return clock.sleep(ms, signal);
    },
  };
  const watch = quietWatch(counted);
  const facts: AgentFact[] = [];
  const session = pluginSession({
    workspacePath: options.workspacePath ?? null,
    activity:
      options.activity === undefined
        ? null
        : { state: options.activity, since: "2025-12-31T00:00:00.000Z", source: "output", evidence: "before" },
  });
  const observation = watch.observe({
    session,
    quietMs: 3_000,
    readyThresholdMs: () => options.readyThresholdMs ?? 300_000,
    isPerTurn: options.isPerTurn ?? false,
    onFact: (fact) => facts.push(fact),
  });
  onTestFinished(() => observation.stop());
  const states = () => facts.flatMap((fact) => (fact.kind === "activity" ? [fact.activity.state] : []));
  const output = () => observation.hint({ kind: "output", at: "2026-01-01T00:00:00.000Z" });
  return { clock, facts, states, output, observation, sleeps: () => sleeps };
}

test("output makes it active, silence makes it ready and ends the turn, long silence makes it idle", async () => {
  const { clock, states, output, facts } = watching();
  output();
  await clock.advance(2_900);
  output();
  await clock.advance(2_900);
  expect(states()).toEqual(["active"]);
  await clock.advance(100);
  expect(states()).toEqual(["active", "ready"]);
  expect(facts.at(-1)).toEqual({ kind: "turn-ended", at: "2026-01-01T00:00:05.900Z" });
  await clock.advance(300_000);
  expect(states()).toEqual(["active", "ready", "idle"]);
  output();
  expect(states().at(-1)).toBe("active");
});

test("how long it is ready before it is idle is the user's to say", async () => {
  const { clock, states, output } = watching({ readyThresholdMs: 60_000 });
  output();
  await clock.advance(3_000);
  await clock.advance(56_000);
  expect(states()).toEqual(["active", "ready"]);
  await clock.advance(1_000);
  expect(states()).toEqual(["active", "ready", "idle"]);
});

test("says since when, and on what evidence", async () => {
  const { clock, facts, output } = watching();
  await clock.advance(1_000);
  output();
  await clock.advance(3_000);
  expect(facts.filter((fact) => fact.kind === "activity").at(-1)).toEqual({
    kind: "activity",
    activity: {
      state: "ready",
      since: "2026-01-01T00:00:04.000Z",
      source: "output",
      evidence: "no output and no commit for 3 s",
    },
  });
});

test("a program that never printed anything becomes ready, without a turn that ended", async () => {
  const { clock, states, facts } = watching();
  await clock.advance(3_000);
  expect(states()).toEqual(["ready"]);
  expect(facts.some((fact) => fact.kind === "turn-ended")).toBe(false);
});

test("what a user types is not taken for the agent's output", async () => {
  const { clock, states, output, observation } = watching();
  await clock.advance(3_000);
  observation.hint({ kind: "human-input", at: "2026-01-01T00:00:03.000Z" });
  output();
  expect(states()).toEqual(["ready"]);
});

test("a per-turn program is active as long as it runs, however silent", async () => {
  const { clock, states, sleeps } = watching({ isPerTurn: true });
  await clock.advance(600_000);
  expect(states()).toEqual(["active"]);
  expect(sleeps()).toBe(0);
});

test("an idle session costs nothing: no timer runs", async () => {
  const { clock, states, sleeps } = watching();
  await clock.advance(3_000);
  await clock.advance(300_000);
  const before = sleeps();
  await clock.advance(3_600_000);
  expect(states()).toEqual(["ready", "idle"]);
  expect(sleeps()).toBe(before);
});

test("much output does not rearm the timer", () => {
  const { output, sleeps } = watching();
  for (let n = 0; n < 1_000; n++) output();
  expect(sleeps()).toBeLessThanOrEqual(2);
});

test("after a restart, a ready agent stays ready since the same time", async () => {
  const { clock, states, facts } = watching({ activity: "ready" });
  await clock.advance(3_000);
  expect(states()).toEqual([]);
  await clock.advance(297_000);
  expect(facts).toMatchObject([{ activity: { state: "idle", since: "2025-12-31T00:00:00.000Z" } }]);
});

test("a commit in a worktree is progress, and noticed without a process", async () => {
  const repo = tempRepo();
  const path = join(tempDir(), "wt");
  repo.git("worktree", "add", "-q", path, "-b", "feat/1");
  const { clock, states, facts } = watching({ workspacePath: path });
  await clock.advance(3_000);
  expect(states()).toEqual(["ready"]);
  repo.git("-C", path, "commit", "-q", "--allow-empty", "-m", "work");
  await waitFor(() => states().at(-1) === "active", { what: "the commit to be seen" });
  expect(facts.some((fact) => fact.kind === "progress" && fact.what === "a commit")).toBe(true);
});

test("a forged .git file does not lead anywhere", async () => {
  const repo = tempRepo();
  const path = tempDir();
  writeFileSync(join(path, ".git"), `gitdir: ${repo.path}/.git\n`);
  const { clock, states } = watching({ workspacePath: path });
  await clock.advance(2_000);
  repo.commit("elsewhere");
  await clock.advance(1_000);
  expect(states()).toEqual(["ready"]);
});

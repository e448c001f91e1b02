import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Rig, rig } from "./testing/rig.ts";

/** A pull request that nobody has a session for, and a session that is spawned for it. */
async function spawnFor(number: number, before: (run: Rig) => Promise<void> = async () => undefined): Promise<Rig> {
  const run = await rig();
  const { world } = run;
  world.repository.commit("feat/old", { "old.txt": "1" });
  const info = await world.scm.createPR({ title: "Old work", body: "", branch: "feat/old", baseBranch: "main" });
  expect(info.number).toBe(number);
  world.scm.report("feat/old", { name: "test", isPassing: false });
  await before(run);
  await run.spawn("app-1", { branch: "feat/old", useExistingBranch: true, takenPr: info });
  await run.pass(1_000);
  return run;
}

test("the state that the agent is told of is the one that its episodes begin at", async () => {
  const run = await spawnFor(1);
  const { world, session, pass } = run;
  const prompt = readFileSync(join(world.paths(session("app-1")).sessionDir, "task.md"), "utf8");
  expect(prompt).toContain("You take over pull request #1");
  expect(prompt).toContain("These checks fail on it: test.");
  expect(session("app-1")).toMatchObject({
    phase: "running",
    pr: { snapshot: { info: { number: 1 } }, taken: { info: { number: 1 } } },
  });
  world.agent.activity("app-1", "ready");
  await pass(120_000);
  expect(session("app-1").messages.list).toEqual([]);
});

test("a pull request that was merged while the session was queued starts no agent", async () => {
  const run = await spawnFor(1, async ({ world }) => {
    const [pr] = world.scm.prs;
    if (pr !== undefined) pr.state = "merged";
  });
  expect(run.session("app-1")).toMatchObject({
    status: "errored",
    ending: { reason: expect.stringContaining("PR 1 is merged now, so there is nothing to take over") },
  });
  expect(run.world.runtime.programs).toEqual([]);
});

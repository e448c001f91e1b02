import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

it("two `ao spawn` of one issue at the same time create one session and one clear refusal", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  const answers = await Promise.all([box.ao("spawn", "app", "1"), box.ao("spawn", "#1", "--json")]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([0, 73]);
  const said = answers.map(({ stdout, stderr }) => stdout + stderr).join("");
  expect(said).toContain("issue 1 already has a live session: app-1");
  expect(said).toContain("--again");
  await waitFor(() => box.agentEvents().some(({ event }) => event === "start"));
  expect(box.worktrees()).toHaveLength(1);
  expect(box.branches()).toEqual(["feat/1"]);
  expect((await box.json<unknown[]>("status", "--all")).length).toBe(1);

  const second = await box.ao("spawn", "1");
  expect(second.status).toBe(73);
  expect(second.stderr.trimEnd().split("\n")).toHaveLength(2);
  const again = await box.json<{ id: string; branch: string }[]>("spawn", "1", "--again");
  expect(again[0]).toMatchObject({ id: "app-2", branch: "feat/1-2" });
});

it("either all of several issues are started, or none", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  const missing = await box.ao("spawn", "1", "2", "99", "--json");
  expect(missing.status).toBe(66);
  expect(JSON.parse(missing.stdout).error.code).toBe("NOT_FOUND");
  expect(await box.json("status", "--all")).toEqual([]);
  expect(box.branches()).toEqual([]);
  const twice = await box.json<{ id: string }[]>("spawn", "2", "#2");
  expect(
    twice.map(({ id }) => id),
    "one issue, named twice",
  ).toEqual(["app-1"]);
});

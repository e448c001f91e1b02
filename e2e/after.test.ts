import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const untilStatus = (session: string, ...until: string[]) =>
  box.get("wait", { session, until: until as never, timeoutMs: 20_000 });

it("two issues wait for a third, over a killed daemon, and start when its session is merged", async () => {
  box = new Sandbox({ project: "    scm: { plugin: local, requiredReviews: 0 }", agentArgs: ["--own-file"] });
  await box.ao("trust");
  await box.ao("spawn", "1");
  const spawned = await box.ao("spawn", "2", "3", "--after", "1");
  expect([spawned.status, spawned.stderr]).toEqual([0, ""]);
  expect(spawned.stdout).toContain("app-2 is queued  #2 Task 2");
  expect(spawned.stdout).toContain("waiting: waits for app-1 (issue 1) to be merged or done");
  expect((await box.ao("status")).stdout).toContain("waits for app-1 (issue 1) to be merged or done");

  await box.kill9();
  expect((await box.ao("show", "app-2")).stdout).toMatch(/because +waits for app-1 \(issue 1\) to be merged or done/);
  expect((await box.ao("explain", "app-3")).stdout).toMatch(/issue 1 +you/);
  await untilStatus("app-1", "mergeable");
  await box.ao("merge", "app-1", "--yes");
  for (const id of ["app-2", "app-3"]) {
    await untilStatus(id, "working", "pr_open", "review_pending", "mergeable");
    // It builds on what it waited for.
    expect(box.repo.git("show", `feat/${id.slice(4)}:work-app-1.txt`)).toContain("prompt");
  }
  const starts = () =>
    box
      .agentEvents()
      .filter(({ event }) => event === "start")
      .map(({ session }) => session);
  await waitFor(() => starts().length >= 3, { what: "all agents" });
  expect(starts().sort()).toEqual(["app-1", "app-2", "app-3"]);
});

it("an issue without a session, a circle, a dead end, and the way out of it", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  const dry = await box.ao("spawn", "1", "--after", "2", "--dry-run");
  expect(dry.stdout).toContain("app-1 would be queued");
  await box.ao("spawn", "1", "--after", "2");
  const circle = await box.ao("spawn", "2", "--after", "1");
  expect([circle.status, circle.stderr]).toEqual([
    73,
    "ao: issue 2 would wait for itself: issue 2 → app-1 (issue 1) → issue 2\n  hint: Spawn first what comes first, without `--after`.\n",
  ]);
  const unknown = await box.ao("spawn", "3", "--after", "99");
  expect([unknown.status, unknown.stderr]).toEqual([
    66,
    expect.stringContaining("--after 99: there is no such session or issue"),
  ]);

  await box.ao("spawn", "3", "--after", "app-1");
  await box.ao("kill", "app-1");
  const needs = await waitFor(async () => (await box.get("show", { session: "app-2" })).attention, { what: "notice" });
  expect(needs).toMatchObject({
    level: "action",
    reason: "waits for app-1, which was killed",
    hint: "ao restore app-1, or ao resume app-2",
  });
  expect((await box.ao("spawn", "2", "--after", "app-1")).status).toBe(73);
  // Brought back, it waits for its own issue again.
  await box.ao("restore", "app-1");
  expect(await box.get("show", { session: "app-2" })).toMatchObject({ status: "queued", attention: null });
  const file = join(box.repo.path, ".ao/issues/2-task-2.md");
  writeFileSync(file, readFileSync(file, "utf8").replace("state: open", "state: closed"));
  await untilStatus("app-1", "working");
  expect((await box.ao("resume", "app-2")).stdout).toContain("no longer waits for others");
  await untilStatus("app-2", "working");
});

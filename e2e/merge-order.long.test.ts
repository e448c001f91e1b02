import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const soon = { timeout: 40_000 };
const told = (session: string): string[] =>
  box
    .agentEvents()
    .filter((each) => each.event === "message" && each.session === session)
    .flatMap(({ text = "" }) => (text.includes("conflicts with main") ? [text] : []));

it("asks only the session that merges next to solve its conflict, with the files, and the next one after that merge", async () => {
  box = new Sandbox({ agentArgs: ["--idle"], project: "    scm: { plugin: local, requiredReviews: 0 }" });
  await box.ao("trust");
  const ids = ["app-1", "app-2", "app-3"];
  await box.ao("spawn", "app", "1", "2", "3");
  for (const id of ids) {
    const write = `echo ${id} > notes.txt; git add -A; git commit -qm 'Write the notes of ${id}'; ao pr create`;
    expect(await box.asAgent(id, write)).toMatchObject({ status: 0 });
  }
  const merge = (id: string) => box.aoWith({ timeoutMs: 30_000 }, "merge", id, "--yes");
  expect((await merge("app-1")).status).toBe(0);

  await expect.poll(() => told("app-2"), soon).toHaveLength(1);
  expect(told("app-2")[0]).toMatch(/conflicts are in:\n> notes\.txt\n[\s\S]*main has \d commits? that feat\/2 lacks/);
  expect(told("app-2")[0]).toMatch(/> [0-9a-f]{7,} Write the notes of app-1/);
  expect(told("app-3")).toEqual([]);
  expect((await box.get("show", { session: "app-3" })).held).toEqual([
    "merge-conflicts: waits for app-2, which is to merge first",
  ]);

  expect(await box.asAgent("app-2", "git merge -q -X ours main")).toMatchObject({ status: 0 });
  const hasConflicts = async (id: string) => (await box.get("show", { session: id })).pr?.hasConflicts;
  await expect.poll(() => hasConflicts("app-2"), soon).toBe(false);
  expect(told("app-3")).toEqual([]);
  expect((await merge("app-2")).status).toBe(0);
  await expect.poll(() => told("app-3"), soon).toHaveLength(1);
  expect([told("app-1").length, told("app-2").length]).toEqual([0, 1]);
}, 180_000);

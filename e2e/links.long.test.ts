import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { layoutOf } from "@agent-orchestrator/core/store/layout";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll, expect, it } from "vitest";
import { contentsOf } from "./support/damage.ts";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
let elsewhere = "";
beforeAll(async () => {
  box = new Sandbox({ agentArgs: ["--idle"], runtime: "process" });
  elsewhere = join(box.dir, "elsewhere");
  mkdirSync(join(elsewhere, "precious"), { recursive: true });
  writeFileSync(join(elsewhere, "precious/file"), "precious");
  await box.json("trust");
  await box.json("spawn", "app", "1", "2", "3");
});
afterAll(() => box.close());

function project() {
  const name = readdirSync(box.home).find((entry) => entry.endsWith("-app")) ?? "";
  return layoutOf(box.home).project(name.slice(0, 12), "app");
}

const BEFORE = { precious: "folder", "precious/file": Buffer.from("precious").toString("base64") };

/** As an agent can do it. What was there is moved away, and back by the returned function. */
function putLink(path: string): () => void {
  if (existsSync(path)) renameSync(path, `${path}.before`);
  symlinkSync(elsewhere, path);
  return () => {
    rmSync(path);
    if (existsSync(`${path}.before`)) renameSync(`${path}.before`, path);
  };
}

it.each([
  ["app-1", "the trash", () => join(project().worktrees, ".ao-trash")],
  ["app-2", "the folder of kept work", () => project().preserved],
  ["app-3", "the folder of checkouts", () => project().worktrees],
])("removes %s neither into nor from a folder elsewhere that %s links to", async (id, _what, pathOf) => {
  writeFileSync(join(project().worktree(id), "work.txt"), "not committed");
  const path = pathOf();
  const undo = putLink(path);
  const refused = await box.ao("kill", id, "--rm", "--yes");
  expect(refused.status, refused.stdout).not.toBe(0);
  expect(refused.stderr).toContain(path);
  expect(contentsOf(elsewhere)).toEqual(BEFORE);
  const { stdout } = await box.ao("doctor");
  expect(stdout).toContain(`! state: ${path} is a symbolic link, and ao follows no link in its state folder\n`);
  undo();
  expect(existsSync(join(project().worktree(id), "work.txt"))).toBe(true);
  const removed = await box.ao("kill", id, "--rm", "--yes");
  expect(removed.status, removed.stderr).toBe(0);
  expect(existsSync(project().worktree(id))).toBe(false);
  expect(contentsOf(elsewhere)).toEqual(BEFORE);
});

it("writes no log of CI through a link, and says why the check has not run", async () => {
  const [{ id } = { id: "" }] = await box.json<{ id: string }[]>("spawn", "app", "--prompt", "more");
  const undo = putLink(join(project().scm, "logs"));
  const commit = "echo 1 > work.txt; git add work.txt; git commit -qm work";
  expect((await box.ao("exec", id, "--", "sh", "-c", commit)).status).toBe(0);
  await box.json("pr", "create", "--session", id);
  await waitFor(async () => (await box.ao("checks", id)).stdout.includes("symbolic link"), {
    what: "the reason in `ao checks`",
    timeoutMs: 30_000,
  });
  expect(contentsOf(elsewhere)).toEqual(BEFORE);
  undo();
});

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const PATIENCE = { timeoutMs: 40_000 };
/** An agent that commits one file and ends. */
const WORK = `{ command: sh, args: ["-c", "echo hi > n; git add n; git commit -qm work"], lifetime: per-turn }`;
const TOKEN = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
const noisy = `seq 1 400; echo 'not ok 7 - adds'; echo '  expected 4, got 5'; echo '  with ${TOKEN}'; seq 401 900; test ! -e n`;

it("says why a check fails: in `ao checks` with its log, in `ao show` and in `ao explain`", async () => {
  const project = `    scm: { plugin: local, ci: [{ name: unit, run: ${JSON.stringify(noisy)} }, { name: lint, run: "true" }] }`;
  box = new Sandbox({ runtime: "process", agentConfig: WORK, project });
  await box.ao("trust");
  const before = await box.ao("spawn", "-p", "work");
  expect(before.status, before.stderr).toBe(0);
  await box.get("wait", { session: "app-1", until: ["ci_failed"], ...PATIENCE });
  const checks = await box.ao("checks", "app-1");
  expect(checks.stdout).toMatch(/✗ unit +failed +\d+ s +file:\/\/\//);
  expect(checks.stdout).toMatch(/✓ lint +passed/);
  const log = await box.ao("checks", "app-1", "--log");
  expect(log.stdout.split("\n").slice(0, 2)).toEqual(["1", "2"]);
  expect(log.stdout).toContain("  with ***\n");
  expect(log.stdout).toContain("\n899\n900\n\n[exit 1]\n");
  expect((await box.ao("checks", "app-1", "--log", "lint")).stdout).toBe("\n[exit 0]\n");
  const unknown = await box.ao("checks", "app-1", "--log", "unti");
  expect([unknown.status, unknown.stderr]).toEqual([66, expect.stringContaining("It has unit, lint.")]);
  await waitFor(async () => (await box.ao("show", "app-1")).stdout.includes("│ not ok 7"), { what: "the excerpt" });
  for (const command of ["show", "explain"]) {
    const { stdout } = await box.ao(command, "app-1");
    expect(stdout).toMatch(/✗ unit +failed/);
    expect(stdout).toContain("    │ not ok 7 - adds\n    │   expected 4, got 5\n    │   with ***\n");
    expect(stdout).toContain("    │ [exit 1]\n");
  }
  const { data } = JSON.parse((await box.ao("checks", "app-1", "--log", "--json")).stdout);
  expect(data.checks[0]).toMatchObject({ name: "unit", status: "failed", problem: null, failsOnBase: false });
  expect(data.logs).toMatchObject([{ names: ["unit"], text: expect.stringContaining("not ok 7") }]);
});

it("names a missing program to the user once, and never to the agent", async () => {
  const told = join("/tmp", `ao-told-${process.pid}-${Date.now()}`);
  const notifier = `export const manifest = { name: "file", slot: "notifier", description: "d", version: "1" };
import { appendFileSync } from "node:fs";
export const create = ({ path }) => ({ notify: async (event) => appendFileSync(path, event.message + "\\n") });
`;
  const project = "    scm: { plugin: local, ci: [{ name: test, run: 'ao-no-such-program -m pytest' }] }";
  const top = `plugins: [{ path: ./file.mjs }]
notifiers: { file: { plugin: file, path: ${told} } }
notificationRouting: { urgent: [file], action: [file], warning: [file] }`;
  box = new Sandbox({ runtime: "process", agentConfig: WORK, project, top, files: { "file.mjs": notifier } });
  await box.ao("trust");
  for (const n of [1, 2]) expect((await box.ao("spawn", "-p", `work ${n}`)).status).toBe(0);
  const lines = () => (existsSync(told) ? readFileSync(told, "utf8").trim().split("\n") : []);
  for (const id of ["app-1", "app-2"]) {
    await waitFor(async () => (await box.ao("status")).stdout.includes("ao-no-such-program"), PATIENCE);
    await waitFor(async () => (await box.get("checks", { session: id })).checks[0]?.problem != null, PATIENCE);
    const shown = (await box.ao("show", id)).stdout;
    expect(shown).toMatch(/! test +cannot run +.*ao-no-such-program: (?:command )?not found \(exit 127\)/);
    expect(shown).not.toContain("on main too");
    expect((await box.ao("explain", id)).stdout).toContain("ao-no-such-program");
    expect((await box.ao("checks", id, "--log")).stdout).toContain("ao-no-such-program");
  }
  const blocked = lines().filter((line) => line.includes("CI cannot run"));
  expect(blocked).toHaveLength(1);
  expect(blocked[0]).toContain("ao-no-such-program");
  expect((await box.get("status", { all: true })).flatMap(({ messages }) => messages)).toEqual([]);
});

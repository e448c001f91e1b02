import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

const PLUGIN = join(import.meta.dirname, "support/asking-agent.mjs");

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const told = () =>
  existsSync(box.agentLog)
    ? readFileSync(box.agentLog, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
        .filter(({ session }) => session !== undefined)
    : [];

async function asking(...issues: string[]): Promise<void> {
  box = new Sandbox({
    top: `plugins:\n  - path: ${PLUGIN}`,
    project: "    agent: asking",
    agentConfig: "{}",
    runtime: "process",
  });
  await box.start();
  await box.ao("trust", "--yes");
  const spawned = await box.ao("spawn", "app", ...issues);
  expect(spawned.status, spawned.stderr).toBe(0);
  await waitFor(async () => (await box.json<SessionView[]>("status")).every(({ status }) => status === "needs_input"), {
    what: "the questions",
  });
}

it("answers a permission from outside: it is shown, answered once, and then closed", async () => {
  await asking("1");
  const shown = await box.ao("show", "app-1");
  expect(shown.stdout).toContain("  May I run `make clean`?\n  It removes build/.\n  1. Yes\n  2. No, and say why\n");
  const wrong = await box.ao("answer", "app-1", "--always", "1");
  expect(wrong).toMatchObject({ status: 73 });
  const answered = await box.ao("answer", "app-1", "no");
  expect(answered).toMatchObject({ status: 0, stdout: expect.stringContaining("app-1: 2 No, and say why") });
  expect(told()).toEqual([{ session: "app-1", choice: "No, and say why", number: 2, isAlways: false }]);
  expect((await box.json<SessionView>("show", "app-1")).status).toBe("working");
  expect(await box.ao("answer", "app-1", "1")).toMatchObject({ status: 73 });
  expect(told()).toHaveLength(1);
  await box.ao("interrupt", "app-1");
  expect(told().at(-1)).toEqual({ session: "app-1", interrupted: true });
});

it("answers the same question of several sessions, once each, and only what was shown", async () => {
  await asking("1", "2", "3");
  const status = await box.ao("status");
  expect(status.stdout).toContain("3 ask the same");
  expect((await box.json<SessionView[]>("status")).length).toBe(3);
  expect(await box.ao("answer", "--all", "yes")).toMatchObject({ status: 73, stdout: "" });
  expect(told()).toEqual([]);
  const answered = await box.ao("answer", "--all", "yes", "--yes");
  expect(answered.status, answered.stderr).toBe(0);
  expect(answered.stderr).toContain("It removes build/.");
  expect(told().map(({ session, number }) => [session, number])).toEqual(
    expect.arrayContaining([
      ["app-1", 1],
      ["app-2", 1],
      ["app-3", 1],
    ]),
  );
  expect(told()).toHaveLength(3);
});

it("does not let an agent answer", async () => {
  await asking("1");
  const env = { AO_SESSION_ID: "app-1" };
  expect(await box.aoWith({ env }, "answer", "app-1", "1")).toMatchObject({ status: 73 });
  expect(told()).toEqual([]);
});

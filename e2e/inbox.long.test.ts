import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { inboxOn, settled } from "./support/inbox-screen.ts";
import { Sandbox, type SandboxOptions } from "./support/sandbox.ts";

const PLUGIN = join(import.meta.dirname, "support/asking-agent.mjs");

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

interface Told {
  session?: string;
  number?: number | null;
  choice?: string;
}

const told = (): Told[] =>
  existsSync(box.agentLog)
    ? readFileSync(box.agentLog, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Told)
        .filter(({ session }) => session !== undefined)
    : [];

/** So many sessions that ask, each something else or all the same. */
async function asking(
  count: number,
  { each = true, ...more }: SandboxOptions & { each?: boolean } = {},
): Promise<void> {
  box = new Sandbox({
    top: `plugins:\n  - path: ${PLUGIN}`,
    project: "    agent: asking\n    scm: { plugin: local }",
    agentConfig: "{}",
    runtime: "process",
    issues: count,
    ...more,
  });
  await box.start(each ? { ASK_EACH: "1" } : {});
  await box.ao("trust", "--yes");
  const issues = Array.from({ length: count }, (_, at) => String(at + 1));
  const spawned = await box.ao("spawn", "app", ...issues);
  expect(spawned.status, spawned.stderr).toBe(0);
  await waitFor(async () => (await box.json<SessionView[]>("status")).every(({ status }) => status === "needs_input"), {
    what: "the questions",
    timeoutMs: 60_000,
  });
}

it("clears a morning's ten questions from the inbox, without opening a terminal", { timeout: 180_000 }, async () => {
  await asking(10);
  const screen = inboxOn(box);
  await screen.shows("Inbox  10 need you");
  const answered: string[] = [];
  for (let count = 1; count <= 10; count += 1) {
    await screen.shows(/^> app-\d+ /m);
    await settled(screen);
    const id = /^> (app-\d+)/m.exec(screen.text())?.[1] ?? "";
    screen.keys("a");
    await screen.shows(`May ${id} run`);
    await screen.shows("Answer (1 to 2");
    // Every third gets the user's own words, which refuse it.
    if (count % 3 === 0) {
      screen.type(`use ${id} instead`);
      await screen.shows(`use ${id} instead_`);
      screen.keys("Enter");
      await screen.shows("[y/N]");
      await settled(screen);
      screen.keys("y");
    } else {
      screen.type("1");
      await screen.shows("1_");
      screen.keys("Enter");
    }
    answered.push(id);
    await waitFor(() => told().length === count, { what: `answer ${count}` });
    if (count < 10) await screen.shows(`Inbox  ${10 - count} need`);
  }
  await screen.shows("Nothing needs you.");
  expect(new Set(answered).size).toBe(10);
  for (const [at, id] of answered.entries()) {
    const words = (at + 1) % 3 === 0 ? { number: null, choice: `use ${id} instead` } : { number: 1, choice: "Yes" };
    expect(told()[at]).toMatchObject({ session: id, ...words });
  }
  expect(told()).toHaveLength(10);
  screen.keys("q");
  await screen.shows("[ended 0]");
});

it("shows what waits again after the daemon was killed, and acts on it then", { timeout: 120_000 }, async () => {
  await asking(1);
  const screen = inboxOn(box, { columns: 40, rows: 20 });
  await screen.shows("> app-1");
  await box.kill9();
  await screen.shows("not connected");
  screen.keys("a");
  await screen.shows("Not connected to the daemon.");
  await box.start({ ASK_EACH: "1" });
  await screen.shows("Reconnected to the daemon.", 30_000);
  await waitFor(async () => (await box.json<SessionView>("show", "app-1")).question !== null, { what: "the question" });
  await screen.shows("May app-1 run");
  await settled(screen);
  screen.keys("a");
  await screen.shows("Answer (1 to 2");
  screen.type("2");
  await screen.shows("2_");
  screen.keys("Enter");
  await waitFor(() => told().length === 1, { what: "the answer" });
  expect(told()[0]).toMatchObject({ session: "app-1", number: 2 });
});

it("snoozes what all sessions of a row need, and shows it again when the time is over", {
  timeout: 120_000,
}, async () => {
  await asking(2, { each: false });
  const screen = inboxOn(box);
  await screen.shows(/> app-\d \+1/);
  await settled(screen);
  screen.keys("z");
  await screen.shows("Snooze for");
  screen.type("8s");
  await screen.shows("8s_");
  screen.keys("Enter");
  await screen.shows("Inbox  2 snoozed");
  expect((await box.ao("status")).stdout).toMatch(/snoozed until (\d{4}-\d\d-\d\d )?\d\d:\d\d/);
  await screen.shows(/> app-\d \+1/, 30_000);
  expect((await box.ao("status")).stdout).not.toContain("snoozed");
  expect(told()).toEqual([]);
});

it("snoozes with the command, over a restart of the daemon, and the user can end it", {
  timeout: 120_000,
}, async () => {
  await asking(1);
  expect((await box.ao("snooze", "app-1", "2h")).stdout).toMatch(/^app-1 is snoozed until /);
  expect(await box.json("inbox")).toEqual([]);
  await box.kill9();
  await box.start({ ASK_EACH: "1" });
  await waitFor(async () => (await box.json<SessionView>("show", "app-1")).question !== null, { what: "the question" });
  expect((await box.json<SessionView>("show", "app-1")).snoozedUntil).not.toBeNull();
  expect((await box.ao("snooze", "app-1", "--off")).stdout).toBe("app-1 is in the inbox again\n");
  expect(await box.json<unknown[]>("inbox")).toHaveLength(1);
  expect(await box.ao("snooze", "app-1", "30d")).toMatchObject({ status: 64 });
});

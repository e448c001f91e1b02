import { appendFileSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { StatusMeta } from "@agent-orchestrator/core/protocol/results";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { AGENT, Sandbox } from "./support/sandbox.ts";

const PLUGIN = fileURLToPath(new URL("./support/telling-agent.mjs", import.meta.url));

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

/** Agents whose facts the test writes, with these limits. */
async function start(top: string): Promise<void> {
  box = new Sandbox();
  configure(top);
  copyFileSync(PLUGIN, join(box.repo.path, "telling-agent.mjs"));
  expect(await box.ao("trust")).toMatchObject({ status: 0 });
}

function configure(top: string): void {
  const argv = JSON.stringify([process.execPath, AGENT, "--idle"]);
  box.configure({
    top: `${top}\nplugins: [{ path: ./telling-agent.mjs }]`,
    project: "    agent: telling\n    scm: local",
    agentConfig: `{ argv: ${argv}, facts: ${JSON.stringify(box.dir)} }`,
  });
}

const tell = (session: string, ...facts: object[]): void =>
  appendFileSync(join(box.dir, `facts-${session}.jsonl`), facts.map((fact) => `${JSON.stringify(fact)}\n`).join(""));
const used = (usd: number | null, input: number) => ({
  kind: "usage",
  usage: { key: "c1", models: [{ model: "big-1", usd, tokens: { input, output: 0, cacheRead: 5, cacheWrite: 0 } }] },
});
const now = () => new Date().toISOString();
const activity = (state: string, more: object = {}) => ({
  kind: "activity",
  activity: { state, since: now(), source: "hook", evidence: state, ...more },
});
const show = (session: string): Promise<SessionView> => box.json<SessionView>("show", session);
const shows = (session: string, is: (view: SessionView) => boolean, what: string): Promise<SessionView> =>
  waitFor(
    async () => {
      const view = await show(session);
      return is(view) ? view : null;
    },
    { what, timeoutMs: 20_000 },
  );
const interrupts = () => box.agentEvents().filter(({ event }) => event === "interrupt").length;

it("a session at its limit is interrupted and paused with the reason, and continues with `ao resume`; the day's sum stays", async () => {
  await start("limits: { maxCostUsd: 4 }\nprices: { big: { input: 10, output: 20, cacheRead: 0 } }");
  await box.ao("spawn", "app", "1");
  tell("app-1", activity("active"), used(null, 100_000));
  await shows("app-1", ({ cost }) => cost?.usd === 1, "the price of what was used");
  tell("app-1", used(null, 410_000));
  const held = await shows("app-1", ({ group }) => group === "needs-you", "the limit");
  expect(held).toMatchObject({
    status: "working",
    isPaused: true,
    cost: { usd: 4.1, tokens: 410_000, model: "big-1" },
  });
  expect(held.attention).toMatchObject({ reason: "paused: its limit of $4.00 is reached", hint: "ao resume app-1" });
  await waitFor(() => interrupts() === 1, { what: "the interrupt" });
  expect(held.pid).not.toBeNull();
  tell("app-1", activity("ready"));
  const sent = await box.ao("send", "app-1", "more", "--timeout", "1s");
  expect(sent).toMatchObject({ status: 75 });
  expect(sent.stderr).toContain("it is paused");

  await box.kill9();
  const after = await box.ao("status");
  expect(after.stdout).toContain("its limit of $4.00 is reached");
  expect(after.stdout.trimEnd().split("\n").at(-1)).toBe("today: $4.10 · 410 k tokens (1 session)");

  expect((await box.ao("resume", "app-1")).stdout).toContain("Limit raised by a quarter for app-1");
  await waitFor(() => box.agentEvents().some(({ text }) => text?.includes("Go on where you were")), {
    what: "the agent to be told to go on",
  });
  expect((await show("app-1")).isPaused).toBe(false);

  expect(await box.ao("kill", "app-1", "--rm", "--yes")).toMatchObject({ status: 0 });
  const { meta } = JSON.parse((await box.ao("status", "--json")).stdout) as { meta: StatusMeta };
  expect(meta.cost.today).toMatchObject({ usd: 4.1, tokens: 410_000, sessions: 1, unpriced: [] });
  expect(meta.cost.projects).toMatchObject([{ projectId: "app", total: { usd: 4.1 } }]);
});

it("a daily limit stops all sessions and keeps new ones waiting, with one notice; models without a price are named", async () => {
  await start("limits: { maxCostUsd: { day: 3 } }");
  await box.ao("spawn", "app", "1", "2");
  tell("app-1", activity("active"), used(2, 1000));
  tell("app-2", activity("active"), used(1.5, 1000));
  await shows("app-1", ({ isPaused }) => isPaused, "app-1 to be held");
  await shows("app-2", ({ isPaused }) => isPaused, "app-2 to be held");
  const [third] = await box.json<SessionView[]>("spawn", "app", "3");
  expect(third).toMatchObject({
    status: "queued",
    queuedFor: expect.stringContaining("today's limit of this config of $3.00"),
  });
  const events = await box.json<{ type: string }[]>("events");
  expect(events.filter(({ type }) => type === "limit.reached")).toHaveLength(1);
  tell("app-2", { ...used(null, 50_000), usage: { ...used(null, 50_000).usage, key: "c2" } });
  await waitFor(async () => (await box.ao("status")).stdout.includes("limits.maxCostUsd does not count big-1"), {
    what: "the notice about the missing price",
  });
  const status = (await box.ao("status")).stdout;
  expect(status.trimEnd().split("\n").at(-1)).toBe(
    "today: at least $3.50 · 52 k tokens (2 sessions; no price for big-1)",
  );
  configure("limits: { maxCostUsd: { day: 9 } }");
  expect(await box.ao("trust")).toMatchObject({ status: 0 });
  await shows("app-3", ({ status: is }) => is !== "queued", "app-3 to start when the limit is raised");
  expect((await show("app-1")).isPaused).toBe(false);
});

it("a vendor's usage limit is shown in its own words, and messages wait until the agent is active again", async () => {
  await start("");
  await box.ao("spawn", "app", "1");
  const resetsAt = new Date(Date.now() + 3_600_000).toISOString();
  tell("app-1", activity("active"), activity("limited", { limit: { resetsAt } }));
  const view = await shows("app-1", ({ activity: is }) => is?.state === "limited", "the limit");
  expect(view).toMatchObject({ group: "waiting", activity: { resetsAt }, attention: { level: "info" } });
  expect((await box.ao("status")).stdout).toMatch(/working \(limited\)/);
  const sent = await box.ao("send", "app-1", "more", "--timeout", "1s");
  expect(sent).toMatchObject({ status: 75, stderr: expect.stringContaining("usage limit") });
  tell("app-1", activity("ready"));
  expect(await box.ao("send", "app-1", "now", "--no-wait")).toMatchObject({ status: 0 });
  await waitFor(() => box.agentEvents().some(({ text }) => text === "now"), { what: "the message" });
});

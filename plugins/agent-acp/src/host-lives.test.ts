import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isRunning, startIdOf } from "@agent-orchestrator/plugin-kit/process";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bench, buildPrograms } from "./testing/bench.ts";

let programs: { dir: string; remove(): void };
beforeAll(async () => {
  programs = await buildPrograms();
});
afterAll(() => programs.remove());
const kinds = (set: ReturnType<typeof bench>) => set.facts.map((fact) => fact.kind);

test("what happened while no daemon listened is reported once when it returns", async () => {
  const set = bench(programs.dir);
  const first = await set.watch();
  const host = await set.launch({ prompt: "say begun\nslow 300\nrun git status" });
  await waitFor(() => kinds(set).includes("accepted"));
  await first.stop();
  const before = set.facts.length;
  await waitFor(() => host.text().includes("✔ git status"));
  expect(set.facts.length).toBe(before);
  await set.watch();
  await set.until("ready");
  const later = set.facts.slice(before).map((fact) => fact.kind);
  expect(later.filter((kind) => kind === "turn-ended")).toHaveLength(1);
  expect(later).not.toContain("accepted");
});

test("the conversation can be read as text by the next agent", async () => {
  const set = bench(programs.dir);
  expect(await set.agent.getTranscript?.(set.session, { maxBytes: 1_000 })).toBe(null);
  await set.watch();
  await set.launch({ prompt: "say hello" });
  await set.until("ready");
  const text = await set.agent.getTranscript?.(set.session, { maxBytes: 1_000 });
  expect(text).toMatch(/^Stand-in 1\.0\.0 .*» say hello\n\n● hello\n$/s);
  expect(await set.agent.getTranscript?.(set.session, { maxBytes: 10 })).toBe("● hello\n");
});

test("a killed host leaves no agent behind, and what it recorded is reported", async () => {
  const set = bench(programs.dir);
  const host = await set.launch({ prompt: "say hello" });
  await waitFor(() => host.text().includes("● hello"));
  const child = Number(/conversation-(\d+)/.exec(host.text())?.[1]);
  const agent = { pid: child, startId: startIdOf(child) ?? "" };
  await waitFor(() => readFileSync(join(set.config.sessionDir, "acp/journal.jsonl"), "utf8").includes('"turn"'));
  host.kill("SIGKILL");
  await waitFor(() => !isRunning(agent));
  await set.watch();
  await waitFor(() => kinds(set).includes("turn-ended"));
  expect(set.state()).toBe(null);
});

test("the host ends with the agent, with its status", async () => {
  const set = bench(programs.dir);
  const host = await set.launch({ prompt: "noise out of cheese\ndie 3" });
  expect(await host.ended).toBe(3);
  await waitFor(() => host.text().includes("out of cheese"));
  await waitFor(() => host.text().includes("The agent has ended: exit 3"));
  const missing = bench(programs.dir, { command: ["/no/such/agent"] });
  expect(await (await missing.launch()).ended).toBe(127);
});

test("TERM ends both, and a deaf agent too", async () => {
  const set = bench(programs.dir, {}, ["--deaf"]);
  await set.watch();
  const host = await set.launch();
  const { thread = "" } = await set.until("ready");
  const child = Number(thread.split("-")[1]);
  const agent = { pid: child, startId: startIdOf(child) ?? "" };
  host.kill("SIGTERM");
  expect(await host.ended).toBe(137);
  expect(isRunning(agent)).toBe(false);
});

test("continues its conversation if agent and folder are the same, and keeps counting", async () => {
  const set = bench(programs.dir);
  await set.watch();
  const host = await set.launch();
  const { thread = null } = await set.until("ready");
  host.kill("SIGTERM");
  await host.ended;
  const resume = { agentSessionId: thread };
  expect(await set.agent.getLaunchSpec?.({ ...set.config, resume: { agentSessionId: "another" } })).toBe(null);
  expect(await set.agent.getLaunchSpec?.({ ...set.config, workspacePath: "/elsewhere", resume })).toBe(null);
  const again = await set.launch({ resume });
  await waitFor(() => set.asked().some((each) => each.load));
  await set.send("say more", "m9");
  await waitFor(() => set.facts.some((fact) => fact.kind === "accepted" && fact.messageId === "m9"));
  await waitFor(() => again.text().includes("❯ what I said before"));
  expect(set.facts.filter((fact) => fact.kind === "accepted")).toHaveLength(2);
  await waitFor(() => {
    const usage = set.facts.findLast((fact) => fact.kind === "usage");
    return usage?.usage.key === thread && usage?.usage.models[0]?.tokens.input === 200;
  });
});

test("a conversation that the agent has forgotten is not replaced silently", async () => {
  const set = bench(programs.dir, {}, ["--forget"]);
  await set.watch();
  const host = await set.launch();
  const { thread = null } = await set.until("ready");
  host.kill("SIGTERM");
  await host.ended;
  const again = await set.launch({ resume: { agentSessionId: thread } });
  expect(await again.ended).toBe(1);
  await waitFor(() => again.text().includes("the earlier conversation could not be resumed: Session not found"));
  expect(await set.agent.getLaunchSpec?.({ ...set.config, resume: { agentSessionId: thread } })).toBe(null);
});

test("an agent that can't resume a conversation is started again", async () => {
  const set = bench(programs.dir, {}, ["--no-load"]);
  await set.watch();
  await set.launch();
  const { thread = null } = await set.until("ready");
  expect(await set.agent.getLaunchSpec?.({ ...set.config, resume: { agentSessionId: thread } })).toBe(null);
});

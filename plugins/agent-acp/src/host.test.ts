import { statSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readSpec } from "./layout.ts";
import { bench, buildPrograms, NO_TERMINAL } from "./testing/bench.ts";

let programs: { dir: string; remove(): void };
beforeAll(async () => {
  programs = await buildPrograms();
});
afterAll(() => programs.remove());
const kinds = (set: ReturnType<typeof bench>) => set.facts.map((fact) => fact.kind);
const answered = (set: ReturnType<typeof bench>) =>
  set.asked().flatMap((each) => (each.answered ? [each.answered] : []));

test("sends the first prompt, shows the turn, and reports its result", async () => {
  const set = bench(programs.dir);
  await set.watch();
  const host = await set.launch({ prompt: "title A fine title\ncost 0.25\nsay **hello**" });
  const activity = await set.until("ready");
  expect(activity).toMatchObject({ source: "protocol", thread: expect.stringContaining("conversation-") });
  expect(set.asked().filter((each) => each.prompt)).toHaveLength(1);
  expect(set.facts).toContainEqual(expect.objectContaining({ kind: "accepted", text: expect.stringContaining("say") }));
  expect(set.facts).toContainEqual({ kind: "info", info: { agentSessionId: activity.thread } });
  expect(set.facts).toContainEqual({ kind: "info", info: { summary: "A fine title" } });
  const usage = set.facts.findLast((fact) => fact.kind === "usage");
  expect(usage?.usage.models).toEqual([
    { model: "small", tokens: { input: 100, output: 10, cacheRead: 5, cacheWrite: 0 }, usd: 0.25 },
  ]);
  expect(kinds(set).indexOf("accepted")).toBeLessThan(kinds(set).indexOf("turn-ended"));
  await waitFor(() => host.text().includes("Stand-in 1.0.0"));
  await waitFor(() => host.text().includes("● **hello**"));
});

test("the start follows the protocol, and its files are readable by this user only", async () => {
  const set = bench(programs.dir, { mode: "plan", model: "big" }, ["--banner"]);
  await set.watch();
  const host = await set.launch();
  await set.until("ready");
  const asked = set.asked();
  expect(asked[0]).toMatchObject({ initialize: { protocolVersion: 1, clientInfo: { name: "ao" } } });
  expect(asked).toContainEqual({ new: { cwd: set.config.workspacePath, mcpServers: [] } });
  expect(asked).toContainEqual({ mode: "plan" });
  expect(asked).toContainEqual({ option: expect.objectContaining({ configId: "model", value: "big" }) });
  await waitFor(() => host.text().includes("│ Welcome to the stand-in!"));
  const spec = readSpec(set.config.sessionDir);
  expect(statSync(spec?.socket ?? "").mode & 0o777).toBe(0o600);
  for (const file of ["spec.json", "journal.jsonl"]) {
    expect(statSync(join(set.config.sessionDir, "acp", file)).mode & 0o777).toBe(0o600);
  }
});

test("a message is delivered once, however often it is sent, and its receipt carries its id", async () => {
  const set = bench(programs.dir);
  await set.watch();
  await set.launch();
  await set.until("ready");
  expect(await set.send("say two", "m1")).toEqual({ outcome: "written" });
  await set.send("say two", "m1");
  await waitFor(() => set.facts.some((fact) => fact.kind === "accepted" && fact.messageId === "m1"));
  await set.send("say two", "m1");
  await set.send("say three", "m3");
  await waitFor(() => set.facts.some((fact) => fact.kind === "accepted" && fact.messageId === "m3"));
  expect(set.asked().filter((each) => each.prompt === "say two")).toHaveLength(1);
});

test("messages wait in order while a turn runs, and each receipt comes when its message is really delivered", async () => {
  const set = bench(programs.dir);
  await set.watch();
  await set.launch({ prompt: "say begun\nslow 400" });
  await waitFor(() => kinds(set).includes("accepted"));
  await set.send("say two", "m2");
  await set.send("say three", "m3");
  expect(set.facts.some((fact) => fact.kind === "accepted" && fact.messageId === "m2")).toBe(false);
  await waitFor(() => set.facts.some((fact) => fact.kind === "accepted" && fact.messageId === "m3"));
  const prompts = set.asked().flatMap((each) => (each.prompt ? [each.prompt] : []));
  expect(prompts).toEqual(["say begun\nslow 400", "say two", "say three"]);
  await set.until("ready");
});

test("every text arrives: long, many lines, emoji, leading signs, and none becomes a command of the agent by accident", async () => {
  const set = bench(programs.dir);
  await set.watch();
  await set.launch();
  await set.until("ready");
  const texts = [
    "x",
    "! no",
    "- no",
    "@no",
    "#no",
    "ends with;",
    `üñ 🙂 \n${"long ".repeat(13_000)}`,
    "  /init",
    "/etc is a folder",
  ];
  for (const [at, text] of texts.entries()) await set.send(text, `t${at}`);
  await waitFor(() => set.facts.filter((fact) => fact.kind === "accepted").length === texts.length + 1);
  const prompts = set.asked().flatMap((each) => (each.prompt ? [each.prompt] : []));
  // The stand-in joins the blocks of a prompt, as agents do.
  const isLed = (text: string): boolean => /^\s*[/$!]/.test(text);
  expect(prompts.slice(1)).toEqual(texts.map((text) => (isLed(text) ? `Message: ${text}` : text)));
});

test("an interrupt uses the protocol's own, and an open question is cancelled", async () => {
  const set = bench(programs.dir);
  await set.watch();
  const host = await set.launch({ prompt: "say begun\nhang" });
  await waitFor(() => kinds(set).includes("accepted"));
  await set.agent.interrupt?.(set.session, { terminal: NO_TERMINAL });
  expect((await set.until("ready")).evidence).toContain("cancelled");
  await waitFor(() => host.text().includes("■ the turn ended: cancelled"));
  await set.send("run make\nhang");
  await set.until("waiting_input");
  host.type("\u0003");
  await set.until("ready");
  expect(answered(set)).toEqual(["cancelled"]);
});

test("an interrupt before the host listens or before its prompt was sent applies to that prompt", async () => {
  const set = bench(programs.dir, {}, ["--slow-open"]);
  await set.watch();
  const launched = set.launch({ prompt: "say begun\nhang" });
  await waitFor(() => readSpec(set.config.sessionDir) !== null);
  await set.agent.interrupt?.(set.session, { terminal: NO_TERMINAL });
  const host = await launched;
  await set.send("say later", "m2");
  await waitFor(() => set.facts.some((fact) => fact.kind === "accepted" && fact.messageId === "m2"));
  expect((await set.until("ready")).evidence).toContain("end_turn");
  expect(set.asked().flatMap(({ prompt }) => (prompt ? [prompt] : []))).toEqual(["say begun\nhang", "say later"]);
  expect(host.text()).toContain("■ the turn ended: cancelled");
});

test("an interrupt that the agent ignores is repeated until the turn is over", async () => {
  const set = bench(programs.dir, {}, ["--deaf-at-first"]);
  await set.watch();
  await set.launch({ prompt: "say begun\nhang" });
  await waitFor(() => set.asked().some((each) => each.prompt));
  await set.agent.interrupt?.(set.session, { terminal: NO_TERMINAL });
  expect((await set.until("ready")).evidence).toContain("cancelled");
  const cancels = set.asked().filter((each) => each.cancel).length;
  await set.send("say later", "m2");
  await waitFor(() => set.facts.some((fact) => fact.kind === "accepted" && fact.messageId === "m2"));
  expect((await set.until("ready")).evidence).toContain("end_turn");
  expect(set.asked().filter((each) => each.cancel)).toHaveLength(cancels);
});

test("an interrupt of a host that has ended says what to do", async () => {
  const set = bench(programs.dir);
  const host = await set.launch();
  host.kill("SIGKILL");
  await host.ended;
  const runtimeHandle = { id: "x", runtimeName: "process", data: { pid: host.pid, startId: "gone" } };
  const interrupted = set.agent.interrupt?.({ ...set.session, runtimeHandle }, { terminal: NO_TERMINAL });
  await expect(interrupted).rejects.toMatchObject({ code: "UNAVAILABLE", hint: expect.stringContaining("ao kill") });
});

test("what fails is said, and is no end", async () => {
  const set = bench(programs.dir);
  await set.watch();
  const host = await set.launch({ prompt: "fail the model is away" });
  expect(await set.until("ready")).toMatchObject({ failure: { kind: "other", text: "the model is away" } });
  await waitFor(() => host.text().includes("✘ the model is away"));
  await set.send("fail You have hit your usage limit", "m1");
  expect((await set.until("limited")).limit).toEqual({ resetsAt: null });
  await set.send("refuse no such session", "m2");
  await waitFor(() => set.facts.filter((fact) => fact.kind === "turn-ended").length === 3);
  await set.send("fail Insufficient credits", "m3");
  await waitFor(() => set.facts.filter((fact) => fact.kind === "turn-ended").length === 4);
  expect(await set.until("ready")).toMatchObject({ failure: { kind: "credit", text: "Insufficient credits" } });
  // It reported what it could not do. It never accepted what was malformed.
  expect(set.facts.flatMap((fact) => (fact.kind === "accepted" ? [fact.messageId] : []))).toEqual([
    undefined,
    "m1",
    "m3",
  ]);
});

test("lines typed in the terminal are prompts, a paste is one prompt, and nothing is a prompt while a question is open", async () => {
  const set = bench(programs.dir);
  await set.watch();
  const host = await set.launch();
  await set.until("ready");
  host.type("say typed\r");
  await waitFor(() => set.facts.some((fact) => fact.kind === "accepted" && fact.text === "say typed"));
  host.type("\u001b[200~say one\nsay two\u001b[201~\r");
  await waitFor(() => set.facts.some((fact) => fact.kind === "accepted" && fact.text === "say one\nsay two"));
  host.type("run make it so\r");
  await set.until("waiting_input");
  host.type("please do not\r");
  await waitFor(() => host.text().includes("Not sent, for a question is open"));
  host.type("3\r");
  await set.until("ready");
  host.type("/init now\r");
  await waitFor(() => set.asked().some((each) => each.prompt === "/init now"));
  expect(set.asked().some((each) => String(each.prompt).includes("please"))).toBe(false);
});

test("other conversations are ignored", async () => {
  const set = bench(programs.dir);
  await set.watch();
  const host = await set.launch({ prompt: "foreign x\nsay mine" });
  await set.until("ready");
  await waitFor(() => host.text().includes("mine"));
  expect(host.text()).not.toContain("not for you");
});

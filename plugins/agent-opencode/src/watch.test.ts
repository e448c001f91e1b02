import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, onTestFinished, test } from "vitest";
import { deliver } from "./deliver.ts";
import { readRecord } from "./launch/record.ts";
import { screenOf } from "./testing/replay.ts";
import { activitiesIn, type Stage, stage } from "./testing/stage.ts";
import { Watch } from "./watch.ts";

interface Watched {
  facts: AgentFact[];
  watch: Watch;
}

function watch(on: Stage): Watched {
  const facts: AgentFact[] = [];
  const log = { debug: () => undefined, warn: () => undefined };
  const { session, terminal } = on;
  const started = new Watch({ session, terminal, clock: systemClock, log, emit: (fact) => facts.push(fact) });
  onTestFinished(() => started.stop());
  return { facts, watch: started };
}

const lastState = ({ facts }: Watched) => activitiesIn(facts).at(-1)?.state;
const untilState = (on: Watched, state: string) => waitFor(() => lastState(on) === state, { what: state });
const status = (on: Stage, type: string, sessionID = "ses_1") => {
  on.server.statuses = type === "idle" ? {} : { [sessionID]: { type } };
  on.server.tell("session.status", { sessionID, status: { type } });
};

test("starts a conversation, shows it on the screen, and reports its id", async () => {
  const on = await stage();
  on.rows.push(...screenOf("start-page"));
  const watched = watch(on);
  await untilState(watched, "ready");
  expect(watched.facts[0]).toEqual({ kind: "info", info: { agentSessionId: "ses_1" } });
  expect(readRecord(on.session.sessionDir)?.conversation).toBe("ses_1");
  await waitFor(() => on.server.said(/tui\/select-session/).length > 0, { what: "the conversation on the screen" });
  on.rows.splice(0, Number.POSITIVE_INFINITY, ...screenOf("at-rest"));
});

test("sends the launch's prompt by itself once, and counts as working from then on", async () => {
  const promptFile = join(tempDir("ao-opencode-prompt"), "prompt.md");
  writeFileSync(promptFile, "Resolve the issue.");
  const on = await stage({ promptFile });
  on.server.prompts = ["lost after"];
  on.server.answers = false;
  const watched = watch(on);
  await untilState(watched, "active");
  await waitFor(() => readRecord(on.session.sessionDir)?.promptFile === null, { what: "the note" });
  expect(on.server.messages.map(({ parts }) => parts[0]?.text)).toEqual(["Resolve the issue."]);
  expect(activitiesIn(watched.facts).map(({ state }) => state)).toEqual(["active"]);
  expect(watched.facts.filter(({ kind }) => kind === "accepted")).toMatchObject([{ text: "Resolve the issue." }]);
});

test("the next daemon still knows its requests if the server refuses to list them, until the call is over", async () => {
  const on = await stage();
  const first = watch(on);
  await untilState(first, "ready");
  status(on, "busy");
  const tool = { messageID: "msg_1", callID: "call_1" };
  on.server.refuses = "/permission";
  on.server.tell("permission.asked", {
    ...{ id: "per_1", sessionID: "ses_1", permission: "webfetch", patterns: ["http://a"], always: ["*"], tool },
    metadata: { url: "http://a", format: "text" },
  });
  await untilState(first, "waiting_input");
  await first.watch.stop();
  const second = watch(on);
  await untilState(second, "waiting_input");
  expect(activitiesIn(second.facts).at(-1)?.dialog).toMatchObject({
    id: "per_1",
    text: "Permission required: webfetch http://a",
  });
  const part = { ...{ id: "prt_1", sessionID: "ses_1", messageID: "msg_1", type: "tool" }, tool: "webfetch" };
  on.server.tell("message.part.updated", { part: { ...part, callID: "call_1", state: { status: "completed" } } });
  await untilState(second, "active");
  expect(readRecord(on.session.sessionDir)?.open).toEqual([]);
});

test("reports a turn as it proceeds, and each thing once", async () => {
  const on = await stage();
  const watched = watch(on);
  await untilState(watched, "ready");
  status(on, "busy");
  status(on, "busy");
  await untilState(watched, "active");
  on.server.tell("permission.asked", {
    id: "per_1",
    sessionID: "ses_1",
    permission: "bash",
    metadata: { command: "x" },
  });
  await untilState(watched, "waiting_input");
  on.server.tell("permission.replied", { sessionID: "ses_1", requestID: "per_1", reply: "once" });
  await untilState(watched, "active");
  status(on, "idle");
  await untilState(watched, "ready");
  expect(activitiesIn(watched.facts).map(({ state }) => state)).toEqual([
    "ready",
    "active",
    "waiting_input",
    "active",
    "ready",
  ]);
  await waitFor(() => watched.facts.at(-1)?.kind === "turn-ended", { what: "the turn's end" });
});

test("an answer that grows is progress, of its own conversation and in a turn only", async () => {
  const on = await stage();
  const watched = watch(on);
  await untilState(watched, "ready");
  const grow = (sessionID: string) =>
    on.server.tell("message.part.delta", { sessionID, field: "text", delta: "word " });
  const progress = () => watched.facts.filter(({ kind }) => kind === "progress");
  grow("ses_1");
  status(on, "busy");
  grow("ses_other");
  await untilState(watched, "active");
  expect(progress()).toEqual([]);
  for (let count = 0; count < 20; count++) grow("ses_1");
  await waitFor(() => progress().length > 0, { what: "progress" });
  status(on, "idle");
  await untilState(watched, "ready");
  expect(progress()).toMatchObject([{ what: "its answer grows" }]);
});

test("our message with which OpenCode started no turn is sent again under the same id until it is answered", async () => {
  const on = await stage();
  on.server.answers = false;
  const watched = watch(on);
  await untilState(watched, "ready");
  const { session, terminal } = on;
  const message = { id: "m1", text: "left lying" };
  expect(await deliver({ session, terminal, message, clock: systemClock })).toEqual({ outcome: "written" });
  expect(watched.facts.filter(({ kind }) => kind === "accepted")).toEqual([]);
  const id = String(on.server.messages[0]?.info.id);
  await waitFor(() => on.server.handed[id] === 2, { what: "the second delivery" });
  status(on, "busy");
  on.server.tell("message.updated", {
    info: { id: "msg_a", sessionID: "ses_1", role: "assistant", parentID: id, time: { created: 1 } },
  });
  status(on, "idle");
  await untilState(watched, "ready");
  expect(on.server.messages).toHaveLength(1);
  expect(watched.watch.seen?.unanswered).toBe(null);
  expect(watched.facts.filter(({ kind }) => kind === "accepted")).toMatchObject([{ messageId: "m1" }]);
});

/** As 1.18.33 tells of a model that it does not know. */
test("our message whose turn fails before a model saw it is not confirmed, and the failure is told once, without its stack", async () => {
  const on = await stage();
  on.server.answers = false;
  const watched = watch(on);
  await untilState(watched, "ready");
  const { session, terminal } = on;
  const delivering = deliver({ session, terminal, message: { id: "m1", text: "hello" }, clock: systemClock });
  await untilState(watched, "active");
  const fail = (message: string) =>
    on.server.tell("session.error", { sessionID: "ses_1", error: { name: "UnknownError", data: { message } } });
  status(on, "busy");
  fail("Model not found: a/b.");
  status(on, "idle");
  fail("ProviderModelNotFoundError: Model not found: a/b.\n    at <anonymous> (/$bunfs/root/chunk.js:1:2)");
  await untilState(watched, "ready");
  expect(await delivering).toEqual({ outcome: "written" });
  const told = watched.facts.filter(({ kind }) => kind === "accepted" || kind === "unconfirmed");
  expect(told).toMatchObject([
    { kind: "unconfirmed", messageId: "m1", reason: expect.stringContaining("Model not found") },
  ]);
  expect(activitiesIn(watched.facts).flatMap(({ failure }) => failure ?? [])).toEqual([
    { kind: "model", text: "Model not found: a/b." },
  ]);
});

test("after a broken stream it reports the current state, and misses no end of a turn", async () => {
  const on = await stage();
  const watched = watch(on);
  await untilState(watched, "ready");
  status(on, "busy");
  await untilState(watched, "active");
  on.server.breakOff();
  on.server.statuses = {};
  await untilState(watched, "ready");
  await waitFor(() => watched.facts.some(({ kind }) => kind === "turn-ended"), { what: "the turn's end" });
});

test("our message is confirmed by its id, and the user's by its text, each once across restarts", async () => {
  const on = await stage();
  const first = watch(on);
  await untilState(first, "ready");
  const { session, terminal } = on;
  await deliver({ session, terminal, message: { id: "m1", text: "ours" }, clock: systemClock });
  const accepted = ({ facts }: Watched) => facts.filter(({ kind }) => kind === "accepted");
  await waitFor(() => accepted(first).length === 1, { what: "a receipt" });
  expect(accepted(first)[0]).toMatchObject({ messageId: "m1" });
  await first.watch.stop();
  const info = { id: "msg_human", sessionID: "ses_1", role: "user", time: { created: Date.now() + 1 } };
  on.server.messages.push({
    info,
    parts: [{ id: "prt_h", sessionID: "ses_1", messageID: info.id, type: "text", text: "a human's" }],
  });
  const second = watch(on);
  await waitFor(() => accepted(second).length > 0, { what: "the human's receipt" });
  expect(accepted(second)).toMatchObject([{ text: "a human's" }]);
  await second.watch.stop();
  const third = watch(on);
  await untilState(third, "active");
  expect(accepted(third)).toEqual([]);
});

test("a daemon that returns after a turn reports its end, but not after the mere start of a program", async () => {
  const on = await stage();
  const activity = { state: "active", since: "2026-01-01T00:00:00.000Z", evidence: "" } as const;
  const started = watch({ ...on, session: { ...on.session, activity: { ...activity, source: "none" } } });
  await untilState(started, "ready");
  await started.watch.stop();
  const before = watch({ ...on, session: { ...on.session, activity: { ...activity, source: "protocol" } } });
  await waitFor(() => before.facts.some(({ kind }) => kind === "turn-ended"), { what: "the turn's end" });
  expect(started.facts.filter(({ kind }) => kind === "turn-ended")).toEqual([]);
});

test("a daemon that returns in the middle of a turn knows it, and its open requests", async () => {
  const on = await stage({ conversation: "ses_1" });
  on.server.sessions.push({ id: "ses_1", directory: on.record.directory, title: "Mend it", time: { created: 1 } });
  on.server.sessions.push({ id: "ses_2", parentID: "ses_1", directory: on.record.directory, time: { created: 2 } });
  on.server.statuses = { ses_1: { type: "busy" }, ses_2: { type: "busy" } };
  on.server.questions.push({ id: "que_1", sessionID: "ses_2", questions: [{ question: "Which?", options: [] }] });
  const watched = watch(on);
  await untilState(watched, "waiting_input");
  expect(activitiesIn(watched.facts)[0]?.dialog).toMatchObject({ id: "que_1", text: "Which?" });
  expect(watched.facts[0]).toMatchObject({ kind: "info", info: { summary: "Mend it" } });
});

test("an unknown event, an event of another shape and a broken line change nothing", async () => {
  const on = await stage();
  const watched = watch(on);
  await untilState(watched, "ready");
  on.server.tell("session.status", { sessionID: 7 });
  on.server.tell("tomorrow.invented", { anything: true });
  on.server.tell("permission.asked", {});
  status(on, "busy");
  await untilState(watched, "active");
  expect(activitiesIn(watched.facts).map(({ state }) => state)).toEqual(["ready", "active"]);
});

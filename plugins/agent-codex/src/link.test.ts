import { appendFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readThread } from "./launch/record.ts";
import { recorded } from "./testing/recorded.ts";
import { Stage } from "./testing/stage.ts";

const COMMAND = "item/commandExecution/requestApproval";
const command = (line: string, itemId = "call_1") => ({
  ...{ itemId, kind: "command", command: `/bin/bash -lc '${line}'`, startedAtMs: 1 },
  availableDecisions: ["accept", "acceptForSession", "cancel"],
});

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open(["git commit"]);
  await stage.untilState("ready");
});
afterEach(async () => {
  await stage.close();
});

const deliver = (id: string, text = "hello") =>
  stage.agent.deliver(stage.session, { id, text }, { terminal: stage.terminal });
const taken = (clientId: string) =>
  stage.server.tell("item/completed", {
    item: { type: "userMessage", id: "i", clientId, content: [{ type: "text", text: "hello" }] },
  });

test("a message is delivered under its id, verbatim except for control characters, and the conversation confirms it", async () => {
  expect(await deliver("m1", "/quit\n\u001b[31m!x")).toEqual({ outcome: "written" });
  expect(stage.server.callsOf("turn/start")).toEqual([
    expect.objectContaining({
      threadId: "thread",
      clientUserMessageId: "m1",
      input: [{ type: "text", text: "/quit\n[31m!x", text_elements: [] }],
    }),
  ]);
  taken("m1");
  await waitFor(() => stage.facts.some((fact) => fact.kind === "accepted" && fact.messageId === "m1"));
  taken("m1");
  taken("a human's own");
  await waitFor(() => stage.facts.some((fact) => fact.kind === "accepted" && fact.text === "hello"));
  expect(stage.facts.filter(({ kind }) => kind === "accepted")).toHaveLength(2);
});

test("a receipt that came while nobody listened is found in the record", async () => {
  await deliver("m1");
  const item = { type: "UserMessage", id: "i", client_id: "m1" };
  appendFileSync(
    stage.rollout,
    `${JSON.stringify({ type: "event_msg", payload: { type: "item_completed", item } })}\n`,
  );
  await stage.watch();
  await waitFor(() => stage.facts.some((fact) => fact.kind === "accepted" && fact.messageId === "m1"));
});

test("a message that Codex refuses may be retried, but not one that it does not answer", async () => {
  stage.server.onTurnStart = () => ({ error: { code: -1, message: "no room" } });
  await expect(deliver("m1")).rejects.toMatchObject({ code: "REFUSED", message: expect.stringContaining("no room") });
  stage.server.onTurnStart = () => ({ error: { code: -1, message: "the active turn is not steerable" } });
  expect(await deliver("m1")).toEqual({ outcome: "deferred", because: "asking" });
  stage.server.onTurnStart = () => null;
  const sending = deliver("m2");
  await waitFor(() => stage.server.callsOf("turn/start").length === 3);
  await stage.restartServer();
  expect(await sending).toEqual({ outcome: "written" });
});

test("a message that waited in an interrupted turn is reported as unconfirmed, unless it has its receipt", async () => {
  const end = (status: string) => stage.server.tell("turn/completed", { turn: { id: "turn-1", status } });
  const told = () => stage.facts.filter(({ kind }) => kind === "unconfirmed");
  await deliver("m1");
  await deliver("m2");
  end("completed");
  end("interrupted");
  taken("m2"); // It started a turn at the same moment.
  await waitFor(() => told().length > 0, { timeoutMs: 5000 });
  expect(told()).toEqual([
    { kind: "unconfirmed", messageId: "m1", reason: expect.stringContaining("interrupted"), at: expect.any(String) },
  ]);
  taken("m1");
  await waitFor(() => stage.facts.some((fact) => fact.kind === "accepted" && fact.messageId === "m1"));
  expect(await deliver("m1")).toEqual({ outcome: "accepted" });
  expect(stage.server.callsOf("turn/start")).toHaveLength(2);
});

test("a turn that was interrupted while nobody listened has also dropped what waited in it", async () => {
  await deliver("m1");
  stage.server.turns = [{ id: "turn-1", status: "interrupted" }];
  await stage.watch();
  await waitFor(() => stage.facts.find(({ kind }) => kind === "unconfirmed"), { timeoutMs: 5000 });
  await stage.watch();
  await stage.untilState("ready");
  stage.server.tell("turn/completed", { turn: { id: "turn-2", status: "interrupted" } });
  expect(stage.facts.filter(({ kind }) => kind === "unconfirmed")).toEqual([]);
});

test("nothing is sent during a question, and the question is reported with its choices", async () => {
  stage.server.ask(7, COMMAND, command("rm x"));
  expect(await deliver("m1")).toEqual({ outcome: "deferred", because: "asking" });
  await stage.untilState("waiting_input");
  expect(stage.activity()).toMatchObject({
    source: "protocol",
    dialog: { kind: "permission", canAlways: true, choices: expect.arrayContaining(["Yes, proceed"]) },
  });
  expect(stage.server.callsOf("turn/start")).toEqual([]);
});

test("a message waits for a user's draft in the box", async () => {
  const rows = ["", "› half a th"];
  stage.screen = { rows, styledRows: null, cursor: { column: 11, row: 1 }, title: null };
  expect(await deliver("m1")).toEqual({ outcome: "deferred", because: "human" });
  stage.screen = null;
  expect(await deliver("m1")).toEqual({ outcome: "written" });
});

const answer = (dialog = stage.activity()?.dialog, more: { number?: number | null; isAlways?: boolean } = {}) =>
  stage.agent.answer(stage.session, "text", {
    ...{ terminal: stage.terminal, number: 1, isAlways: false, ...more },
    dialog: dialog ?? { id: "none", kind: "permission", text: "", choices: [], takesText: false },
  });

test("an answer goes to the dialog that the user saw, or is refused", async () => {
  stage.server.ask(7, COMMAND, command("rm x"));
  await stage.untilState("waiting_input");
  const first = stage.activity()?.dialog;
  await answer(first, { number: 3 });
  expect(stage.server.answers()).toEqual([{ decision: "cancel" }]);
  await expect(answer(first)).rejects.toMatchObject({ code: "REFUSED" });
  stage.server.ask(8, COMMAND, command("rm y", "call_2"));
  await waitFor(() => stage.activity()?.dialog?.text.includes("rm y"));
  await expect(answer(first)).rejects.toMatchObject({ code: "REFUSED" });
  await expect(answer(undefined, { number: null })).rejects.toMatchObject({ code: "REFUSED" });
  await expect(answer(undefined, { number: 9 })).rejects.toMatchObject({ code: "REFUSED" });
  await expect(answer(undefined, { number: 3, isAlways: true })).rejects.toMatchObject({ code: "REFUSED" });
  await answer(undefined, { number: 1, isAlways: true });
  expect(stage.server.answers().at(-1)).toEqual({ decision: "acceptForSession" });
});

test("a question in two parts is asked one part at a time and answered as a whole", async () => {
  const options = [{ label: "red" }, { label: "blue" }];
  const questions = [
    { id: "q1", question: "Colour?", options },
    { id: "q2", question: "Why?", options: [] },
  ];
  stage.server.ask(1, "item/tool/requestUserInput", { itemId: "q", questions });
  await waitFor(() => stage.activity()?.question?.includes("Colour?"));
  await answer(undefined, { number: 2 });
  await waitFor(() => stage.activity()?.question?.includes("Why?"));
  expect(stage.server.answers()).toEqual([]);
  await answer(undefined, { number: null });
  expect(stage.server.answers()).toEqual([{ answers: { q1: { answers: ["blue"] }, q2: { answers: ["text"] } } }]);
});

/** Two questions, of which the first is answered. */
async function answerHalf({ id = 1, isSecret = false } = {}): Promise<void> {
  const first = { id: "q1", question: "Colour?", options: [{ label: "red" }, { label: "blue" }], isSecret };
  const questions = [first, { id: "q2", question: "Why?", options: [] }];
  stage.server.ask(id, "item/tool/requestUserInput", { itemId: "q", questions });
  await untilAsked("Colour?");
  await answer(undefined, { number: 2 });
  await untilAsked("Why?");
}
const untilAsked = (words: string) => waitFor(() => stage.activity()?.question?.includes(words), { what: words });

test("the answer to the first of two questions outlives a restart of the daemon", async () => {
  await answerHalf();
  await stage.watch();
  await untilAsked("Why?");
  await answer(undefined, { number: null });
  expect(stage.server.answers()).toEqual([{ answers: { q1: { answers: ["blue"] }, q2: { answers: ["text"] } } }]);
  expect(readFileSync(join(stage.session.sessionDir, "codex-replies.json"), "utf8")).toBe("{}\n");
});

test("a partial answer belongs to that very request, and is not stored if anything secret is asked", async () => {
  await answerHalf();
  const [request] = stage.server.asked.values();
  stage.server.asked.clear();
  stage.server.asked.set(2, { ...request, id: 2 });
  await stage.watch();
  await untilAsked("Colour?");
  stage.server.asked.clear();
  stage.server.tell("serverRequest/resolved", { requestId: 2 });
  await stage.untilState("active");
  await answerHalf({ id: 3, isSecret: true });
  await stage.watch();
  await untilAsked("Colour?");
});

test("a command in the allow list is answered at once, without notifying the user", async () => {
  stage.server.ask(1, COMMAND, command("git commit -m x"));
  await waitFor(() => stage.server.answers().length === 1);
  expect(stage.server.answers()).toEqual([{ decision: "accept" }]);
  await stage.untilState("active");
  expect(stage.states()).not.toContain("waiting_input");
});

test("after a restart of the daemon or the server the same dialog is open", async () => {
  stage.server.ask(7, COMMAND, command("rm x"));
  await stage.untilState("waiting_input");
  const { dialog } = stage.activity() ?? {};
  await stage.watch();
  await waitFor(() => stage.activity()?.dialog?.id === dialog?.id);
  await answer(dialog);
  expect(stage.server.answers()).toEqual([{ decision: "accept" }]);
});

test("the interrupt names the running turn, and does nothing without one", async () => {
  const interrupt = () => stage.agent.interrupt(stage.session, { terminal: stage.terminal });
  await interrupt();
  stage.server.tell("turn/started", { turn: { id: "turn-1", status: "inProgress" } });
  await waitFor(async () => {
    await interrupt();
    return stage.server.callsOf("turn/interrupt").length > 0;
  });
  expect(stage.server.callsOf("turn/interrupt")).toEqual([{ threadId: "thread", turnId: "turn-1" }]);
});

test("the interrupt asks about a turn that it has not heard of, and waits for one that is about to start", async () => {
  const interrupt = () => stage.agent.interrupt(stage.session, { terminal: stage.terminal });
  stage.server.turns = [{ id: "turn-1", status: "inProgress" }];
  await interrupt();
  stage.server.turns = [];
  stage.begins();
  await stage.watch();
  const interrupting = interrupt();
  await waitFor(() => stage.server.callsOf("thread/turns/list").length > 4);
  stage.server.turns = [{ id: "turn-2", status: "inProgress" }];
  await interrupting;
  expect(stage.server.callsOf("turn/interrupt").map(({ turnId }) => turnId)).toEqual(["turn-1", "turn-2"]);
});

test("a first turn that ended before anyone listened counts as over, but not a turn from before the launch", async () => {
  const seconds = Math.floor(Date.now() / 1000);
  stage.begins();
  stage.server.turns = [{ id: "old", status: "completed", startedAt: seconds - 60 }];
  await stage.watch();
  await waitFor(() => stage.server.callsOf("thread/turns/list").length > 1);
  await stage.agent.interrupt(stage.session, { terminal: stage.terminal }); // It has asked and processed the answer.
  expect(stage.states()).toEqual([]);
  const error = { message: "no quota", codexErrorInfo: "usageLimitExceeded" };
  stage.server.turns = [{ id: "first", status: "failed", startedAt: seconds, error }];
  await stage.watch();
  await stage.untilState("limited");
});

test("without the server, the terminal's contents are reported, and its list is answered by keys", async () => {
  await stage.server.close();
  const rows = recorded("screen-trust.txt").split("\n");
  stage.screen = { rows, styledRows: null, cursor: null, title: null };
  stage.hint();
  await stage.untilState("waiting_input");
  const { dialog } = stage.activity() ?? {};
  expect(stage.activity()).toMatchObject({ source: "screen", dialog: { kind: "notice" } });
  await expect(answer({ ...(dialog as NonNullable<typeof dialog>), id: "screen-other" })).rejects.toMatchObject({
    code: "REFUSED",
  });
  expect(stage.pressed).toEqual([]);
  await answer(dialog);
  expect(stage.pressed).toEqual(["Enter"]);
  stage.server = (await Stage.open()).server;
});

test("the conversation and its record are kept for a handoff", async () => {
  expect(readThread(stage.session.sessionDir)).toMatchObject({ id: "thread", summary: "do" });
  expect(await stage.agent.getTranscript?.(stage.session, { maxBytes: 1000 })).toBe(null);
  appendFileSync(stage.rollout, recorded("rollout.jsonl"));
  const transcript = await stage.agent.getTranscript?.(stage.session, { maxBytes: 1000 });
  expect(Buffer.byteLength(transcript ?? "")).toBeLessThanOrEqual(1000);
  rmSync(stage.rollout);
});

test("an answer about the status that is older than the last report is ignored", async () => {
  stage.server.onRead = () => stage.server.setStatus({ type: "active", activeFlags: [] });
  await stage.watch();
  await stage.untilState("active");
});

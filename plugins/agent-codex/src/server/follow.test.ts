import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import { expect, test } from "vitest";
import { frames } from "../testing/recorded.ts";
import { weigh } from "../weigh.ts";
import { askedBy } from "./asked.ts";
import { adopt, adoptChild, isRoot, newMemory, signalOf, take } from "./follow.ts";
import { createRequests } from "./requests.ts";
import { noteOf } from "./wire.ts";

const NOW = "2026-11-26T23:50:00.000Z";

/** Plays the recording as the link does, and returns each state that it went through. */
function play(recording = "session.jsonl") {
  const memory = newMemory();
  const requests = createRequests();
  const states: string[] = [];
  const facts: AgentFact[] = [];
  for (const frame of frames(recording)) {
    const note = noteOf(frame, Date.parse(NOW));
    if (note?.method === "thread/started" && isRoot(note.params.thread)) adopt(memory, note.params.thread, NOW);
    if (note?.method === "thread/status/changed") {
      // As the server tells of the recorded sub-agent when it is asked.
      const isChild = note.params.threadId.endsWith("05d14f73f84d");
      if (isChild) adoptChild(memory, { id: note.params.threadId, parentThreadId: memory.main?.id }, NOW);
    }
    if (note?.method === "serverRequest/resolved") requests.close(note.params.requestId);
    if (note !== null) facts.push(...take(memory, note));
    if (frame.id !== undefined && frame.method !== undefined) {
      const asked = askedBy({ id: frame.id, method: frame.method, params: frame.params }, memory.items);
      if (asked !== null) requests.add(asked, NOW, false);
    }
    const current = requests.current();
    const asked = current === null ? null : { dialog: current.question.dialog, at: current.at };
    const signal = signalOf(memory, { nowMs: frame.emittedAtMs ?? 0, longToolMs: 3_000 });
    const word = weigh({ server: signal === null ? null : { ...signal, asked }, screen: null, isConnected: true });
    const shown = word === null ? "none" : `${word.state}: ${word.question ?? word.evidence}`;
    if (states.at(-1) !== shown) states.push(shown);
  }
  return { memory, states, facts };
}

test("the recording goes through these states, and no other", () => {
  expect(play().states).toMatchSnapshot();
});

test("it confirms each accepted message with its id, and nothing from the title's thread", () => {
  const receipts = play().facts.filter((fact) => fact.kind === "accepted");
  expect(receipts.map(({ text }) => text?.slice(0, 24))).toMatchSnapshot();
  expect(receipts.every(({ messageId }) => messageId !== undefined)).toBe(true);
});

test("each of its own turns ends once", () => {
  const { facts } = play();
  const completed = frames().filter(({ method }) => method === "turn/completed");
  expect(facts.filter(({ kind }) => kind === "turn-ended")).toHaveLength(completed.length);
});

test("tokens are cumulative, cached ones are separate, and no dollars are invented", () => {
  const { facts, memory } = play();
  const usages = facts.filter((fact) => fact.kind === "usage");
  const last = usages.at(-1)?.usage;
  expect(last?.key).toBe(memory.main?.id);
  const { input = 0, cacheRead = 0, output = 0 } = last?.models[0]?.tokens ?? {};
  expect([input / cacheRead, input / output]).toEqual([600 / 400, 600 / 40]);
  expect(last?.models[0]?.usd).toBe(null);
});

test("a commit is reported at once", () => {
  const commits = play().facts.filter((fact) => fact.kind === "repository-changed");
  expect(commits.map(({ what }) => what)).toEqual(["git commit"]);
});

test("a foreign thread changes nothing, and a working sub-agent keeps its idle parent working", () => {
  const memory = newMemory();
  const thread = { id: "main", sessionId: "tree", status: { type: "idle" } };
  adopt(memory, thread, NOW);
  const status = (threadId: string, type: string) =>
    take(memory, { method: "thread/status/changed", params: { threadId, status: { type } }, atMs: 0 });
  status("foreign", "active");
  expect(signalOf(memory, { nowMs: 0, longToolMs: 0 })?.busyChildren).toBe(0);
  expect(adoptChild(memory, { id: "title", sessionId: "title", ephemeral: true }, NOW)).toBe(false);
  expect(adoptChild(memory, { id: "other", sessionId: "other" }, NOW)).toBe(false);
  expect(adoptChild(memory, { id: "child", sessionId: "tree", parentThreadId: "main" }, NOW)).toBe(true);
  status("child", "active");
  const signal = signalOf(memory, { nowMs: 0, longToolMs: 0 });
  expect(signal?.busyChildren).toBe(1);
  expect(
    weigh({ server: { ...(signal as NonNullable<typeof signal>), asked: null }, screen: null, isConnected: true }),
  ).toMatchObject({
    state: "active",
    evidence: "1 of its sub-agents are working",
  });
});

test("an answer that became outdated while other threads were queried is ignored", () => {
  const memory = newMemory();
  const answer = { id: "main", status: { type: "active" }, newsWhenAsked: 0 };
  take(memory, { method: "thread/status/changed", params: { threadId: "main", status: { type: "idle" } }, atMs: 0 });
  adopt(memory, answer, NOW);
  expect(memory.statuses.get("main")?.status.type).toBe("idle");
  adopt(memory, { ...answer, newsWhenAsked: 1 }, NOW);
  expect(memory.statuses.get("main")?.status.type).toBe("active");
});

test("a sub-agent that continues to work and ask after its parent's turn", () => {
  const { states, facts } = play("sub-agent.jsonl");
  expect(states).toEqual([
    "ready: the thread's status is idle",
    "active: the thread's status is active",
    "active: 1 of its sub-agents are working",
    "waiting_input: Would you like to run the following command? May I? $ /bin/bash -lc 'touch /home/dev/child'",
  ]);
  const receipts = facts.flatMap((fact) => (fact.kind === "accepted" ? [fact.text?.slice(0, 8)] : []));
  expect(receipts, "a message to the sub-agent is not a receipt").toEqual(["%%ns mul"]);
});

import { systemClock } from "@agent-orchestrator/core/host/clock";
import { expect, test } from "vitest";
import { type AnswerCall, answer } from "./answer.ts";
import { type Ask, dialogOf } from "./asks.ts";
import { interrupt } from "./interrupt.ts";
import { changeRecord, readRecord } from "./launch/record.ts";
import type { Question } from "./server/wire.ts";
import { type Stage, stage } from "./testing/stage.ts";

const permission = (id = "per_1") => ({
  id,
  sessionID: "ses_1",
  permission: "bash",
  patterns: ["make all"],
  metadata: { command: "make all" },
  always: ["make *"],
});
const option = (label: string) => ({ label, description: "" });
const question = (more: Question[] = []) => ({
  id: "que_1",
  sessionID: "ses_1",
  questions: [{ question: "Which?", options: [option("Red"), option("Blue")] }, ...more],
});

const asking = async (): Promise<Stage> => {
  const on = await stage({ conversation: "ses_1" });
  on.server.statuses = { ses_1: { type: "busy" } };
  return on;
};

function say({ session }: Stage, ask: Ask, more: Partial<AnswerCall>): Promise<void> {
  const base = {
    session,
    clock: systemClock,
    dialog: dialogOf(ask),
    choice: "",
    number: null,
    isAlways: false,
    known: ask,
  };
  return answer({ ...base, ...more });
}

test.each<[Partial<AnswerCall>, object]>([
  [{ number: 1, choice: "Allow once" }, { reply: "once" }],
  [{ number: 2, choice: "Allow always" }, { reply: "always" }],
  [{ number: 3, choice: "Reject" }, { reply: "reject" }],
  [{ choice: "reject" }, { reply: "reject" }],
  [{ number: 1, choice: "Allow once", isAlways: true }, { reply: "always" }],
])("a permission answered with %j", async (said, body) => {
  const on = await asking();
  on.server.permissions.push(permission());
  await say(on, { kind: "permission", request: permission() }, said);
  expect(on.server.said(/permission\/per_1\/reply/)).toEqual([body]);
});

test("what was allowed permanently is kept for the next launch", async () => {
  const on = await asking();
  on.server.permissions.push(permission());
  await say(on, { kind: "permission", request: permission() }, { number: 1, isAlways: true });
  expect(readRecord(on.session.sessionDir)?.allowed).toEqual({ bash: ["make *"] });
});

test("refuses if another dialog, none, or one that nothing waits for is open by now", async () => {
  const on = await asking();
  const old: Ask = { kind: "permission", request: permission() };
  await expect(say(on, old, { number: 1 })).rejects.toMatchObject({ code: "REFUSED" });
  on.server.permissions.push(permission("per_2"));
  await expect(say(on, old, { number: 1 })).rejects.toMatchObject({ code: "REFUSED" });
  on.server.permissions.push(permission());
  on.server.statuses = {};
  await expect(say(on, old, { number: 1 })).rejects.toMatchObject({ code: "REFUSED" });
  expect(on.server.said(/reply/)).toEqual([]);
});

test.each(["yes", "use pnpm instead", ""])(
  "text that is not a choice of a permission never rejects it: %j",
  async (choice) => {
    const on = await asking();
    on.server.permissions.push(permission());
    const ask: Ask = { kind: "permission", request: permission() };
    expect(dialogOf(ask).takesText).toBe(false);
    for (const isAlways of [false, true]) {
      await expect(say(on, ask, { choice, isAlways })).rejects.toMatchObject({
        code: "REFUSED",
        hint: "The choices are: 1 Allow once · 2 Allow always · 3 Reject",
      });
    }
    expect(on.server.said(/reply/)).toEqual([]);
  },
);

test("requests known from events can be answered or rejected even if the server refuses to list them", async () => {
  const on = await asking();
  on.server.permissions.push(permission(), permission("per_2"));
  changeRecord(on.session.sessionDir, { open: [permission(), permission("per_2")] });
  on.server.refuses = "/permission";
  await say(on, { kind: "permission", request: permission() }, { number: 1, choice: "Allow once" });
  expect(on.server.said(/permission\/per_1\/reply/)).toEqual([{ reply: "once" }]);
  await interrupt(on.session, { clock: systemClock, terminal: on.terminal });
  expect(on.server.permissions).toEqual([]);
});

test("refuses an unknown number, and a permanent rejection", async () => {
  const on = await asking();
  on.server.permissions.push(permission());
  const open: Ask = { kind: "permission", request: permission() };
  await expect(say(on, open, { number: 4 })).rejects.toMatchObject({ code: "REFUSED" });
  await expect(say(on, open, { number: 3, isAlways: true })).rejects.toMatchObject({ code: "REFUSED" });
  expect(on.server.permissions).toHaveLength(1);
});

test.each<[Partial<AnswerCall>, string[]]>([
  [{ number: 2, choice: "Blue" }, ["Blue"]],
  [{ choice: "blue" }, ["Blue"]],
  [{ choice: "a shade of green" }, ["a shade of green"]],
])("a question answered with %j", async (said, answers) => {
  const on = await asking();
  on.server.questions.push(question());
  await say(on, { kind: "question", request: question(), answered: [] }, said);
  expect(on.server.said(/question\/que_1\/reply/)).toEqual([{ answers: [answers] }]);
});

test("several questions are answered one after the other, and sent together", async () => {
  const on = await asking();
  const many = question([{ question: "And?", options: [option("a"), option("b"), option("c")], multiple: true }]);
  on.server.questions.push(many);
  const ask: Ask = { kind: "question", request: many, answered: [] };
  const first = dialogOf(ask);
  await say(on, ask, { number: 1 });
  expect(on.server.said(/reply/)).toEqual([]);
  expect(dialogOf(ask)).toMatchObject({ id: "que_1/2", choices: ["a", "b", "c"] });
  await expect(say(on, ask, { number: 1, dialog: first })).rejects.toMatchObject({ code: "REFUSED" });
  await say(on, ask, { choice: "a, c" });
  expect(on.server.said(/reply/)).toEqual([{ answers: [["Red"], ["a", "c"]] }]);
});

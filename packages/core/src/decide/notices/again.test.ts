import { T0 } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import type { RecordChanges } from "../../model/record-changes.ts";
import type { SessionRecord } from "../../model/session.ts";
import { toIso } from "../../model/time.ts";
import { openQuestion } from "../question.ts";
import { Desk } from "./testing/desk.ts";

const SEC = 1_000;
const MIN = 60 * SEC;

/** The session asks from now on, and a notice of that is on its way. */
function ask(desk: Desk, id: string, text = "Run the migration?"): Desk {
  const since = toIso(desk.nowMs);
  const dialog = { id, kind: "permission" as const, text, choices: ["Yes", "No"], takesText: false };
  const activity = { state: "waiting_input" as const, since, source: "hook" as const, evidence: "it asks", dialog };
  const attention = { level: "urgent" as const, reason: "asks", hint: "ao answer app-1", since };
  desk.change("app-1", { status: "needs_input", activity, claims: { hook: activity }, attention });
  const question = openQuestion(desk.state.sessions["app-1"] as SessionRecord);
  return desk.add("app-1", id, { type: "session.needs_input", priority: "urgent", data: { question } }).look();
}

const goesOn = (desk: Desk, changes: RecordChanges = {}): Desk =>
  desk.change("app-1", { status: "working", activity: null, claims: {}, attention: null, ...changes }).look();

/** Told of one question, which its agent has taken back a minute later. */
function takenBack(changes: (desk: Desk) => RecordChanges = () => ({})): Desk {
  const desk = ask(new Desk("app-1"), "d1");
  expect(desk.answer("yes")).toEqual(["app-1:d1"]);
  desk.pass(MIN);
  return goesOn(desk, changes(desk)).pass(MIN);
}

test("a question that an agent takes back and asks again is told once in five minutes, in the dialog that is open then", () => {
  const desk = takenBack();
  for (const id of ["d2", "d3", "d4"]) {
    expect(ask(desk, id).open).toEqual([]);
    if (id !== "d4") goesOn(desk.pass(30 * SEC));
  }
  expect(desk.pass(T0 + 5 * MIN - desk.nowMs - SEC).open).toEqual([]);
  desk.pass(SEC);
  expect(desk.answer("yes")).toEqual(["app-1:d4"]);
  expect(Object.keys(goesOn(desk.pass(MIN)).pass(10 * MIN).state.notices)).toEqual([]);
  expect(ask(desk, "d5").asks()).toEqual([["app-1:d5"]]);
});

test.each<[string, (desk: Desk) => RecordChanges]>([
  [
    "was answered",
    ({ nowMs }) => ({ answered: { wishId: "w", dialogId: "d1", choice: "Yes", at: toIso(nowMs), claim: null } }),
  ],
  ["was answered in the terminal", ({ nowMs }) => ({ humanInputAt: toIso(nowMs) })],
  ["somebody looked at", ({ nowMs }) => ({ humanDid: { looked: toIso(nowMs) } })],
])("one that %s in between is new", (_what, changes) => {
  expect(ask(takenBack(changes), "d2").asks()).toEqual([["app-1:d2"]]);
});

test("another question is told at once, and so is one that nobody was told of", () => {
  expect(ask(takenBack(), "d2", "Run the other migration?").asks()).toEqual([["app-1:d2"]]);
  const desk = ask(new Desk("app-1"), "d1");
  desk.answer("no");
  goesOn(desk);
  expect(
    ask(desk, "d2")
      .pass(2 * SEC)
      .asks(),
  ).toEqual([["app-1:d1"]]); // it may have arrived, and is repeated as it was
  desk.answer("final");
  expect(desk.pass(2 * SEC).asks()).toEqual([["app-1:d2"]]);
});

test.each<[string, (desk: Desk) => void]>([
  ["is answered", (desk) => goesOn(desk)],
  ["is looked at", (desk) => desk.change("app-1", { humanDid: { looked: toIso(desk.nowMs) } })],
  ["gives way to another", (desk) => ask(desk, "other", "Something else?").answer("yes")],
])("one that is held and %s is not told", (_what, happens) => {
  const desk = ask(takenBack(), "d2").pass(MIN);
  happens(desk);
  expect(desk.pass(10 * MIN).open).toEqual([]);
});

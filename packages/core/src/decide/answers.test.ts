import { activity, exited, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aPr, iso, startFacts } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import type { Dialog } from "../model/dialog.ts";
import { explain } from "./explain.ts";
import { hasJustChanged } from "./last-dialog.ts";
import { openQuestion } from "./question.ts";
import { toSessionView } from "./view.ts";

const SEC = 1000;
const dialog = (changes: Partial<Dialog> = {}): Dialog => ({
  id: "d1",
  kind: "permission",
  text: "May I run `rm -r build`?",
  choices: ["Yes", "No"],
  takesText: false,
  ...changes,
});
const asks = (ms: number, changes: Partial<Dialog> = {}): TestFact => {
  const base = { since: iso(ms), source: "hook" as const, evidence: "it asks" };
  const open = dialog(changes);
  return {
    kind: "activity",
    launch: 1,
    activity: { state: "waiting_input", ...base, question: open.text, dialog: open },
  };
};
const wish: TestFact = { kind: "wish-answer", wishId: "w1", dialogId: "d1", choice: "Yes", number: 1, isAlways: false };
const answered: TestFact = { kind: "answered", wishId: "w1", dialogId: "d1", choice: "Yes" };
const asking = (): Play => playRunning().at(1 * SEC, asks(1 * SEC));
const told = (run: Play) => run.did("notify").flatMap((each) => (each.kind === "notify" ? [each.notification] : []));

describe("a question", () => {
  test("is told with its choices, and says how it is answered", () => {
    const run = asking();
    expect(run.record.status).toBe("needs_input");
    expect(told(run)).toHaveLength(1);
    expect(told(run)[0]?.event.message).toBe("app-1 asks: May I run `rm -r build`? [1 Yes · 2 No]");
    expect(told(run)[0]?.event.data.question).toMatchObject({ dialogId: "d1", choices: ["Yes", "No"] });
    expect(run.record.attention).toMatchObject({
      reason: "asks: May I run `rm -r build`? [1 Yes · 2 No]",
      hint: "ao answer app-1",
    });
    expect(toSessionView(run.record, run.context).question).toMatchObject({ dialogId: "d1", kind: "permission" });
  });

  test.each([
    ["only the terminal can answer", { onlyInTerminal: "its trust dialog is yours to answer" }, "ao attach app-1"],
    ["has neither choices nor text", { choices: [] }, "ao attach app-1"],
    ["takes a text", { choices: [], takesText: true }, 'ao answer app-1 "…"'],
  ])("that %s", (_, changes, hint) => {
    expect(playRunning().at(1 * SEC, asks(1 * SEC, changes)).record.attention?.hint).toBe(hint);
  });

  test("of a report hides a dialog in the terminal from nobody", () => {
    const run = asking().at(2 * SEC, { kind: "reported", state: "needs_input", note: "which?" });
    expect(openQuestion(run.record)).toMatchObject({ dialogId: "d1" });
  });
});

test("a dialog that has just taken the place of one that was answered in the terminal is not answered by what was meant for that one", () => {
  const inTerminal = asking().at(5 * SEC, asks(5 * SEC, { id: "d2", text: "May I run `rm -r src`?" }));
  const nowMs = inTerminal.context.nowMs;
  expect(hasJustChanged(inTerminal.record, nowMs + 500)).toBe(true);
  expect(hasJustChanged(inTerminal.record, nowMs + 3 * SEC)).toBe(false);
  const through = asking()
    .at(4 * SEC, wish)
    .at(5 * SEC, answered)
    .at(6 * SEC, asks(6 * SEC, { id: "d2" }));
  expect(hasJustChanged(through.record, through.context.nowMs)).toBe(false);
  const unread = asking().at(1 * SEC + 100, asks(1 * SEC + 100, { id: "d2" }));
  expect(hasJustChanged(unread.record, unread.context.nowMs)).toBe(false);
  expect(hasJustChanged(asking().record, asking().context.nowMs)).toBe(false);
});

describe("the user is told", () => {
  const since = iso(1 * SEC);
  const at = (ms: number, changes: Partial<Dialog>): TestFact => {
    const fact = asks(ms, changes);
    return fact.kind === "activity" ? { ...fact, activity: { ...fact.activity, since } } : fact;
  };
  const withoutDialog = (ms: number): TestFact => {
    const fact = at(ms, {});
    return fact.kind === "activity" ? { ...fact, activity: { ...fact.activity, dialog: undefined } } : fact;
  };
  const messages = (run: Play) => told(run).map(({ event }) => event.message);

  test("of the second question of one request, which began when the first did", () => {
    const run = asking()
      .at(2 * SEC, wish)
      .at(3 * SEC, answered)
      .at(4 * SEC, at(4 * SEC, { id: "d2", text: "Which sizes?", choices: ["small", "large"] }));
    expect(run.record.status).toBe("needs_input");
    expect(messages(run)[1]).toBe("app-1 asks: Which sizes? [1 small · 2 large]");
    expect(new Set(run.did("notify").map(({ key }) => key)).size).toBe(2);
  });

  test("of one that takes the place of another at once, whatever the reaction does", () => {
    const next = at(4 * SEC, { id: "d2", text: "Which sizes?" });
    expect(messages(asking().at(4 * SEC, next))).toHaveLength(2);
    const { reactions } = asking().context.policy;
    const off = { ...reactions, "agent-needs-input": { ...reactions["agent-needs-input"], auto: false } };
    const run = playRunning({ reactions: off })
      .at(1 * SEC, asks(1 * SEC))
      .at(4 * SEC, next);
    expect(messages(run)).toHaveLength(2);
    expect(run.types().filter((type) => type === "session.needs_input")).toHaveLength(2);
  });

  test("once of the same dialog, which is told again after something else, or is lost and read again", () => {
    const again = asking()
      .at(2 * SEC, activity("active", 2 * SEC))
      .at(3 * SEC, at(3 * SEC, {}));
    expect(again.record.status).toBe("needs_input");
    expect(told(again)).toHaveLength(1);
    const lost = asking()
      .at(2 * SEC, withoutDialog(2 * SEC))
      .at(3 * SEC, at(3 * SEC, {}));
    expect(told(lost)).toHaveLength(1);
  });

  test("once of a dialog that a plugin dates anew, after a restart, while it is open all the time", () => {
    const ofScreen = { id: "of-screen", kind: "notice", text: "?" } as const;
    const run = asking()
      .at(4 * SEC, activity("active", 4 * SEC))
      .at(5 * SEC, asks(5 * SEC, ofScreen))
      .at(6 * SEC, asks(6 * SEC))
      .at(7 * SEC, asks(7 * SEC, ofScreen));
    run.at(8 * SEC, asks(8 * SEC));
    expect(openQuestion(run.record)).toMatchObject({ dialogId: "d1" });
    expect(told(run).map(({ event }) => event.data.question)).toMatchObject([
      { dialogId: "d1" },
      { dialogId: "of-screen" },
    ]);
    run.at(9 * SEC, activity("active", 9 * SEC)).at(10 * SEC, asks(10 * SEC, ofScreen));
    expect(told(run)).toHaveLength(3);
  });

  test("once of a dialog that can be read a moment later only, and again of the next one", () => {
    const run = playRunning()
      .at(1 * SEC, withoutDialog(1 * SEC))
      .at(2 * SEC, at(2 * SEC, {}));
    expect(openQuestion(run.record)).toMatchObject({ dialogId: "d1" });
    expect(told(run)).toHaveLength(1);
    expect(told(run.at(5 * SEC, at(5 * SEC, { id: "d2" })))).toHaveLength(2);
  });
});

describe("an answer", () => {
  test("goes to the agent, and the question makes way at once", () => {
    const run = asking().at(2 * SEC, wish);
    expect(run.did("answer")).toMatchObject([{ dialogId: "d1", choice: "Yes", number: 1, key: "answer:app-1:w1" }]);
    expect(run.record.status).toBe("needs_input");
    run.at(3 * SEC, answered);
    expect(run.record).toMatchObject({ status: "working", attention: null, activity: { state: "active" } });
    expect(openQuestion(run.record)).toBeNull();
  });

  test("is news to nobody who gave it, and the agent's next word stands", () => {
    const run = asking()
      .at(2 * SEC, wish)
      .at(3 * SEC, answered)
      .at(4 * SEC, activity("active", 4 * SEC))
      .until(60 * SEC);
    expect(told(run)).toHaveLength(1);
    expect(run.record).toMatchObject({ status: "working", answered: { choice: "Yes", claim: null } });
  });

  test("that changed nothing leaves the question open: it stands again and is told again", () => {
    const run = asking()
      .at(2 * SEC, wish)
      .at(3 * SEC, answered)
      .until(17 * SEC);
    expect(run.record.status).toBe("working");
    run.until(19 * SEC);
    expect(run.record.status).toBe("needs_input");
    expect(openQuestion(run.record)).toMatchObject({ dialogId: "d1" });
    expect(told(run)).toHaveLength(2);
  });

  test("of one dialog leaves the next one open", () => {
    const run = asking()
      .at(2 * SEC, wish)
      .at(2.5 * SEC, asks(2.5 * SEC, { id: "d2" }))
      .at(3 * SEC, answered);
    expect(openQuestion(run.record)).toMatchObject({ dialogId: "d2" });
    expect(run.record.status).toBe("needs_input");
  });

  test("that ended the turn is an answer", () => {
    const run = asking()
      .at(2 * SEC, wish)
      .at(3 * SEC, answered)
      .at(4 * SEC, { kind: "turn-ended", launch: 1 });
    expect(run.until(60 * SEC).record).toMatchObject({ activity: { state: "ready" }, answered: { claim: null } });
  });

  test("that failed changes nothing", () => {
    const failure = { code: "REFUSED", message: "gone" } as const;
    const run = asking().at(2 * SEC, wish);
    run.at(3 * SEC, { kind: "effect-failed", key: "answer:app-1:w1", action: "answer", failure });
    expect(run.record).toMatchObject({ status: "needs_input", notes: [] });
  });
});

describe("a message that answers a report", () => {
  const reported: TestFact = { kind: "reported", state: "needs_input", note: "red or blue?" };
  const send = (isAnswer: boolean): TestFact => ({
    kind: "wish-send",
    message: { id: "m1", text: "red", isUrgent: true, isAnswer },
  });

  test("goes in past that question, and closes it; any other waits", () => {
    const run = playRunning()
      .at(1 * SEC, reported)
      .at(2 * SEC, send(false));
    expect(run.record.messages.list).toMatchObject([{ state: "held", heldFor: "asking" }]);
    const open = playRunning()
      .at(1 * SEC, reported)
      .at(2 * SEC, send(true));
    expect(open.did("deliver")).toHaveLength(1);
    expect(open.record.status).toBe("needs_input");
    expect(open.at(3 * SEC, { kind: "message-written", id: "m1" }).record.status).toBe("working");
  });

  test("waits while a dialog is open beneath it", () => {
    const run = asking()
      .at(2 * SEC, reported)
      .at(3 * SEC, send(true));
    expect(run.record.messages.list).toMatchObject([{ state: "held", heldFor: "asking" }]);
  });
});

describe("the question that a per-turn agent ended its turn with", () => {
  const perTurn = { lifetime: "per-turn", receipts: "never", canResume: true } as const;
  const asked = (): Play =>
    playRunning({ agent: perTurn })
      .at(1 * SEC, { kind: "pr", snapshot: aPr() }, { kind: "reported", state: "needs_input", note: "Which db?" })
      .at(2 * SEC, exited(2 * SEC, 0))
      .at(3 * SEC, { kind: "pr", snapshot: aPr({ hasConflicts: true }) });
  const states = (run: Play) => run.record.messages.list.map(({ origin, state, heldFor }) => [origin, state, heldFor]);

  test("holds what a reaction has to say until it is answered", () => {
    const run = asked();
    expect(states(run)).toEqual([["reaction", "held", "asking"]]);
    run.until(60 * SEC);
    expect(run.did("start")).toHaveLength(1);
    expect(openQuestion(run.record)).toMatchObject({ kind: "report", text: "Which db?" });
  });

  test.each([
    ["`ao answer`", { isUrgent: true, isAnswer: true }],
    ["`ao send`", { isUrgent: false }],
  ])("is answered with %s, past that message", (_, how) => {
    const run = asked().at(4 * SEC, { kind: "wish-send", message: { id: "m1", text: "pg", ...how } });
    expect(run.did("start").at(-1)).toMatchObject({ launch: 2, messageId: "m1" });
    const facts = startFacts(5 * SEC, 2).map(({ at: _at, ...fact }) => fact as TestFact);
    run.at(5 * SEC, ...facts).at(6 * SEC, exited(6 * SEC, 0, 2));
    expect(run.did("start").at(-1)).toMatchObject({ launch: 3 });
    expect(states(run)).toEqual([
      ["reaction", "writing", null],
      ["user", "accepted", null],
    ]);
  });
});

test("explain has the answer that was given", () => {
  const run = asking();
  const facts = (of: Play) => explain(of.record, of.context).facts.map(({ what, value }) => `${what}: ${value}`);
  run.at(2 * SEC, wish).at(3 * SEC, answered);
  expect(facts(run)).toContain("you answered: Yes");
});

import { activity, type Play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aRecord, iso } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import type { Dialog } from "../model/dialog.ts";
import { type RecordChanges, withChanges } from "../model/record-changes.ts";
import type { SessionRecord } from "../model/session.ts";
import { inboxRows } from "./inbox.ts";
import { causeOfAttention, snoozedUntil } from "./snooze.ts";

const SEC = 1000;
const HOUR = 3_600_000;

const asks = (ms: number, changes: Partial<Dialog> = {}): TestFact => {
  const open: Dialog = {
    ...{ id: "d1", kind: "permission", text: "May I run `make clean`?", choices: ["Yes", "No"], takesText: false },
    ...changes,
  };
  const base = { since: iso(ms), source: "hook" as const, evidence: "it asks" };
  return {
    kind: "activity",
    launch: 1,
    activity: { state: "waiting_input", ...base, question: open.text, dialog: open },
  };
};
const asking = (changes: Partial<Dialog> = {}): Play => playRunning().at(1 * SEC, asks(1 * SEC, changes));
const named = (run: Play, id: string, changes: RecordChanges = {}): SessionRecord =>
  withChanges(run.record, { id, ...changes });
const rowsAt = (nowMs: number, records: SessionRecord[], run: Play) =>
  inboxRows(records, { nowMs, contextOf: () => run.context });
const T0 = Date.parse(iso(0));

test("sessions that ask exactly the same share a row, which names them all", () => {
  const run = asking();
  const other = asking({ text: "May I push?" });
  const later = { ...(run.record.attention as NonNullable<SessionRecord["attention"]>), since: iso(5 * SEC) };
  const records = [named(run, "app-2", { attention: later }), named(other, "app-3"), named(run, "app-1")];
  const rows = rowsAt(T0 + 10 * SEC, records, run);
  expect(rows.map(({ sessions, question }) => [sessions.map(({ id }) => id), question?.text])).toEqual([
    [["app-1", "app-2"], "May I run `make clean`?"],
    [["app-3"], "May I push?"],
  ]);
  expect(rows[0]).toMatchObject({ level: "urgent", since: run.record.attention?.since, snoozedUntil: null });
  expect(rows[0]?.sessions.map(({ dialogId }) => dialogId)).toEqual(["d1", "d1"]);
});

test("a question that only its terminal can answer has a row of its own", () => {
  const run = asking({ onlyInTerminal: "its trust dialog is yours" });
  const rows = rowsAt(T0 + 10 * SEC, [named(run, "app-1"), named(run, "app-2")], run);
  expect(rows.map(({ sessions }) => sessions.length)).toEqual([1, 1]);
});

test("the worst comes first, what is ready to merge last, and what needs nobody is left out", () => {
  const run = asking();
  const attention = (level: "urgent" | "action" | "info", ms: number) => ({
    level,
    reason: "r",
    hint: "h",
    since: iso(ms),
  });
  const records = [
    aRecord({ id: "app-1", phase: "running", status: "mergeable", attention: attention("action", 0) }),
    aRecord({ id: "app-2", phase: "running", status: "review_pending", attention: attention("action", 2 * SEC) }),
    aRecord({ id: "app-3", phase: "running", status: "stuck", attention: attention("urgent", 9 * SEC) }),
    aRecord({ id: "app-4", phase: "running", status: "review_pending", attention: attention("info", 0) }),
    aRecord({ id: "app-5", phase: "running", status: "working" }),
  ];
  expect(rowsAt(T0 + 10 * SEC, records, run).map(({ sessions }) => sessions[0]?.id)).toEqual([
    "app-3",
    "app-2",
    "app-1",
  ]);
});

test("a snooze hides a session until its time is over", () => {
  const run = asking().at(2 * SEC, { kind: "wish-snooze", ends: iso(HOUR) });
  expect(snoozedUntil(run.record, T0 + 3 * SEC)).toBe(iso(HOUR));
  const rows = rowsAt(T0 + 3 * SEC, [run.record, named(asking({ text: "Other?" }), "app-2")], run);
  expect(rows.map(({ sessions, snoozedUntil: until }) => [sessions[0]?.id, until])).toEqual([
    ["app-2", null],
    ["app-1", iso(HOUR)],
  ]);
  expect(snoozedUntil(run.record, T0 + HOUR)).toBeNull();
});

test("another question ends the snooze at once, and so does the user", () => {
  const run = asking().at(2 * SEC, { kind: "wish-snooze", ends: iso(HOUR) });
  const before = causeOfAttention(run.record);
  const next = run.at(3 * SEC, asks(3 * SEC, { id: "d2", text: "May I push?" }));
  expect(causeOfAttention(next.record)).not.toBe(before);
  expect(snoozedUntil(next.record, T0 + 4 * SEC)).toBeNull();
  const woken = asking()
    .at(2 * SEC, { kind: "wish-snooze", ends: iso(HOUR) })
    .at(3 * SEC, { kind: "wish-snooze", ends: null });
  expect(snoozedUntil(woken.record, T0 + 4 * SEC)).toBeNull();
});

test("a session that needs nobody has nothing to snooze, and a clock that was set back does not make a snooze longer", () => {
  const run = playRunning().at(1 * SEC, activity("active", 1 * SEC));
  expect(run.at(2 * SEC, { kind: "wish-snooze", ends: iso(HOUR) }).record.snooze ?? null).toBeNull();
  const asked = asking().at(2 * SEC, { kind: "wish-snooze", ends: iso(HOUR) });
  expect(snoozedUntil(asked.record, T0 - 30 * 24 * HOUR)).toBeNull();
});

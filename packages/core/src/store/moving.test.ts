import { aPr, aWork } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import { withChanges } from "../model/record-changes.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { at, toIso } from "../model/time.ts";
import { diffState } from "./diff.ts";
import { applyRecord, emptyState } from "./fold.ts";
import type { LogRecord } from "./segment.ts";
import { sampleSession, withSession } from "./testing/sample.ts";

const SEC = 1_000;
const MIN = 60 * SEC;
const sha = (n: number): string => n.toString(16).padStart(40, "0");

/** What the fifth second of an agent at work changes in its record: it has committed once more. */
function afterCommit(record: SessionRecord, n: number): SessionRecord {
  const when = toIso(at(record.createdAt) + n * 5 * SEC);
  const times = { progressAt: when, lastActivityAt: when, repositoryChangedAt: when };
  const snapshot = aPr({ headSha: sha(n), headAt: when });
  const work = aWork({ headSha: sha(n), commitsAhead: n, unpushedCommits: n, at: when });
  return withChanges(record, { ...times, work, pr: { seenAt: when, headSince: when, snapshot } });
}

const start = (): SessionRecord => afterCommit(sampleSession("app-1"), 0);

/** Commits of an agent, one after another. Returns the states and the records of the log. */
function commits(count: number): { last: State; records: ReturnType<typeof diffState>; written: State } {
  let state = withSession(emptyState(), start());
  let written = state;
  const records: ReturnType<typeof diffState> = [];
  for (let n = 1; n <= count; n += 1) {
    const next = withSession(state, afterCommit(state.sessions["app-1"] ?? start(), n));
    for (const draft of diffState(state, next)) {
      records.push(draft);
      const line = JSON.parse(JSON.stringify({ seq: n, ts: "", epoch: 1, ...draft })) as LogRecord;
      written = applyRecord(written, line);
    }
    state = next;
  }
  return { last: state, records, written };
}

test("an hour of commits every five seconds is six records of a session, under 4 kB", () => {
  const { records } = commits(720);
  expect(records).toHaveLength(6);
  expect(JSON.stringify(records).length).toBeLessThan(4_000);
});

test("what is written brings the whole session up to date", () => {
  const { last, written } = commits((10 * MIN) / (5 * SEC));
  expect(written.sessions["app-1"]).toEqual(last.sessions["app-1"]);
});

test("another change takes with it what had moved on", () => {
  const { last } = commits(7);
  const record = last.sessions["app-1"] ?? start();
  const next = withSession(last, { ...record, summary: "half done" });
  const [draft, ...more] = diffState(last, next);
  expect(more).toEqual([]);
  expect(draft).toMatchObject({
    type: "ao.session",
    patch: { summary: "half done", progressAt: record.progressAt },
    members: { work: { patch: { commitsAhead: 7 } } },
    groups: { pr: { members: { snapshot: { patch: { headSha: sha(7) } } } } },
  });
  // From here on it counts anew.
  expect(diffState(next, withSession(next, afterCommit(next.sessions["app-1"] ?? record, 8)))).toEqual([]);
});

test.each<[string, (record: SessionRecord) => SessionRecord]>([
  ["another branch", (record) => ({ ...record, work: aWork({ ...record.work, branch: "other" }) })],
  ["an operation", (record) => ({ ...record, work: aWork({ ...record.work, operation: "rebase" }) })],
  [
    "a conflict",
    (record) => withChanges(record, { pr: { snapshot: aPr({ ...record.pr.snapshot, hasConflicts: true }) } }),
  ],
  [
    "another result of CI",
    (record) => withChanges(record, { pr: { snapshot: aPr({ ...record.pr.snapshot, ci: "failing" }) } }),
  ],
  ["the first look", (record) => withChanges(record, { pr: { seenAt: null }, work: null })],
  ["a turn", (record) => ({ ...record, turns: record.turns + 1 })],
  [
    "the clock set back by an hour",
    (record) => ({ ...record, lastActivityAt: toIso(at(record.lastActivityAt) - 60 * MIN) }),
  ],
])("%s is written at once", (_what, change) => {
  const before = withSession(emptyState(), start());
  expect(diffState(before, withSession(before, change(start())))).toHaveLength(1);
});

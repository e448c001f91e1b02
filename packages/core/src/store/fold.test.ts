import fc from "fast-check";
import { expect, it } from "vitest";
import { GROUPS } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { diffState } from "./diff.ts";
import { PLACES } from "./flat-record.ts";
import { applyRecord, createFolder, emptyState } from "./fold.ts";
import type { RecordDraft } from "./log.ts";
import type { LogRecord } from "./segment.ts";
import { splitDraft } from "./split.ts";
import { changed, facts, sampleSession, withSession } from "./testing/sample.ts";

const AT = "2026-01-01T00:00:00.000Z";

const toRecords = (drafts: RecordDraft[], after: number): LogRecord[] =>
  drafts.map((draft, index) => JSON.parse(JSON.stringify({ seq: after + 1 + index, ts: AT, epoch: 1, ...draft })));

const fold = (state: State, records: LogRecord[]): State => records.reduce(applyRecord, state);

const value = fc.oneof(
  fc.constant(null),
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.array(fc.record({ id: fc.constantFrom("a", "b", "c"), text: fc.string() }, { noNullPrototype: true }), {
    maxLength: 4,
  }),
  fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.constant(null)), { maxKeys: 3, noNullPrototype: true }),
);
const isFree = (name: string) => !Object.hasOwn(GROUPS, name) && !Object.hasOwn(PLACES, name);
const key = fc.oneof(fc.constantFrom("summary", "extra", "__proto__", "odd"), fc.string().filter(isFree));
const group = fc.dictionary(fc.oneof(fc.constantFrom("list", "reactionSends", "__proto__"), fc.string()), value, {
  maxKeys: 3,
  noNullPrototype: true,
});
const members = fc.dictionary(key, value, { maxKeys: 6, noNullPrototype: true });
const sessions = fc.uniqueArray(fc.tuple(fc.constantFrom("app-1", "app-2", "app-3", "app-4"), members, group), {
  selector: ([id]) => id,
});
const table = fc.dictionary(fc.oneof(fc.constant("__proto__"), fc.string()), members, {
  maxKeys: 3,
  noNullPrototype: true,
});

const anyState: fc.Arbitrary<State> = fc
  .record({
    sessions,
    intents: table,
    wishes: table,
    instances: table,
    projects: table,
    isPaused: fc.boolean(),
    more: value,
  })
  .map(({ sessions: list, more, ...rest }) => {
    const made = Object.fromEntries(
      list.map(([id, some, messages]) => [id, { ...sampleSession(id), ...some, id, projectId: "app", messages }]),
    );
    return { ...emptyState(), ...rest, sessions: made, ...(more === null ? {} : { more }) } as unknown as State;
  });

it("folding a difference onto the previous state gives the next one", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(anyState, anyState, (previous, next) => {
      const drafts = diffState(previous, next);
      const folded = fold({ ...previous, seq: 5, epoch: 1 }, toRecords(drafts, 5));
      expect(facts(folded)).toEqual(facts(next));
      expect(diffState(folded, next)).toEqual([]);
      const folder = createFolder({ ...previous, seq: 5, epoch: 1 });
      for (const record of toRecords(drafts, 5)) folder.apply(record);
      expect(folder.state()).toEqual(folded);
    }),
    { numRuns: 1000 },
  );
});

it("splitting a long change gives the same state", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(anyState, anyState, (previous, next) => {
      const drafts = diffState(previous, next).flatMap(splitDraft);
      expect(facts(fold({ ...previous, seq: 0, epoch: 1 }, toRecords(drafts, 0)))).toEqual(facts(next));
    }),
    { numRuns: 500 },
  );
});

it("writes nothing for a new object with equal content", () => {
  const state = withSession(emptyState(), sampleSession("app-1"));
  expect(diffState(state, JSON.parse(JSON.stringify(state)))).toEqual([]);
});

it("writes only the changed members of a session and the changed items of a list", () => {
  const message = (id: string, text: string) => ({ id, text }) as never;
  const one = changed(emptyState(), "app-1", { messages: { list: [message("a", "long"), message("b", "long")] } });
  const two = changed(one, "app-1", { messages: { list: [message("b", "short"), message("a", "long")] }, turns: 1 });
  expect(diffState(one, two)).toEqual([
    {
      type: "ao.session",
      sessionId: "app-1",
      projectId: "app",
      patch: { turns: 1 },
      groups: { messages: { items: { list: { order: ["b", "a"], set: [{ id: "b", text: "short" }] } } } },
    },
  ]);
});

it("writes only what changed inside of a member, such as the pull request", () => {
  const look = (ci: string) => ({ pr: { snapshot: { ci, info: { number: 7 }, checks: ["long"] } as never } });
  const one = changed(emptyState(), "app-1", look("pending"));
  const two = changed(one, "app-1", look("passing"));
  expect(diffState(one, two)).toEqual([
    {
      type: "ao.session",
      sessionId: "app-1",
      projectId: "app",
      groups: { pr: { members: { snapshot: { patch: { ci: "passing" } } } } },
    },
  ]);
});

it("writes only what changed in a group, and nothing of it that stays", () => {
  const one = withSession(emptyState(), sampleSession("app-1"));
  const two = changed(one, "app-1", { pr: { unansweredSince: AT, seenAt: null } });
  expect(diffState(one, two)).toEqual([
    { type: "ao.session", sessionId: "app-1", projectId: "app", groups: { pr: { patch: { unansweredSince: AT } } } },
  ]);
});

it("shares everything that a record does not change", () => {
  const state = withSession(withSession(emptyState(), sampleSession("app-1")), sampleSession("app-2"));
  const record = { seq: 1, id: "x", ts: AT, epoch: 0, type: "ao.session", sessionId: "app-1", patch: { turns: 2 } };
  const next = applyRecord(state, record);
  expect(next.sessions["app-2"]).toBe(state.sessions["app-2"]);
  expect(next.sessions["app-1"]?.turns).toBe(2);
  expect(state.sessions["app-1"]?.turns).toBe(0);
});

it("ignores public events, records of a newer version and a writer of an older epoch", () => {
  const state = { ...emptyState(), seq: 3, epoch: 2 };
  const record = (more: Partial<LogRecord>): LogRecord => ({
    seq: 4,
    id: "x",
    ts: AT,
    epoch: 2,
    type: "ao.state",
    ...more,
  });
  expect(applyRecord(state, record({ type: "pr.created", priority: "info" }))).toEqual({ ...state, seq: 4 });
  expect(applyRecord(state, record({ type: "ao.from-the-future", patch: { isPaused: true } }))).toEqual({
    ...state,
    seq: 4,
  });
  expect(applyRecord(state, record({ epoch: 1, patch: { isPaused: true } }))).toBe(state);
  expect(applyRecord(state, record({ seq: 3, patch: { isPaused: true } }))).toBe(state);
  expect(applyRecord(state, record({ patch: { isPaused: true } })).isPaused).toBe(true);
});

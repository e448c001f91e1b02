import fc from "fast-check";
import { expect, it } from "vitest";
import { GROUP_NAMES, GROUPS, SessionRecord } from "../model/session.ts";
import { FLAT_NAMES } from "./fixtures/format-4/names.ts";
import { applyRecordPatch, grouped, PLACES } from "./flat-record.ts";
import { applyRecord, emptyState } from "./fold.ts";
import type { RecordDraft } from "./log.ts";
import { applyPatch, diffMembers } from "./patch.ts";
import type { LogRecord } from "./segment.ts";
import { splitDraft } from "./split.ts";
import { sampleSession, withSession } from "./testing/sample.ts";

/** Members that came after format 4, as `group.member` or the name at the top. They never had a flat name. */
const NEW: readonly string[] = [];

const placeOf = (name: string): string => PLACES[name]?.join(".") ?? name;

it("every member of a flat record has a place, and every place is of exactly one of them", () => {
  const atTop = Object.keys(SessionRecord.shape).filter((name) => !Object.hasOwn(GROUPS, name));
  const inGroups = GROUP_NAMES.flatMap((group) => Object.keys(GROUPS[group].shape).map((name) => `${group}.${name}`));
  const places = [...atTop, ...inGroups].filter((place) => !NEW.includes(place));
  expect(FLAT_NAMES.map(placeOf).sort()).toEqual(places.sort());
  expect(Object.keys(PLACES).filter((name) => !FLAT_NAMES.includes(name))).toEqual([]);
  // A new member at the top with an old name would be taken for the old one.
  expect(atTop.filter((name) => Object.hasOwn(PLACES, name))).toEqual([]);
});

it("a grouped record stays the same object", () => {
  const record = sampleSession("app-1");
  expect(grouped(record)).toBe(record);
});

const value = fc.oneof(
  fc.constant(null),
  fc.string(),
  fc.integer(),
  fc.array(fc.record({ id: fc.constantFrom("a", "b", "c"), text: fc.string() }, { noNullPrototype: true }), {
    maxLength: 4,
  }),
  // Also with names that records have themselves.
  fc.dictionary(fc.oneof(fc.constantFrom("pr", "seenAt", "prSeenAt", "list", "__proto__"), fc.string()), fc.integer(), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
);
const foreign = fc.string().filter((name) => !Object.hasOwn(GROUPS, name));
const name = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...FLAT_NAMES) }, fc.constant("__proto__"), foreign);
const flat = fc
  .dictionary(name, value, { maxKeys: 20, noNullPrototype: true })
  .map((members) => ({ ...members, id: "app-1", projectId: "app" }) as unknown as SessionRecord);

const asLine = (draft: RecordDraft, seq: number): LogRecord =>
  JSON.parse(JSON.stringify({ seq, ts: "2026-01-01T00:00:00.000Z", epoch: 1, ...draft }));

/** Without undefined members, as it is on disk. */
const onDisk = (record: SessionRecord): SessionRecord => JSON.parse(JSON.stringify(record));

it("a change of a flat record, whole or in pieces, does to the grouped one what it did to the flat one", () => {
  fc.assert(
    fc.property(flat, flat, (before, after) => {
      const change = diffMembers(before, after);
      if (change === null) return;
      const expected = grouped(applyPatch(before, change));
      expect(onDisk(expected)).toEqual(onDisk(grouped(after)));
      expect(onDisk(applyRecordPatch(grouped(before), change))).toEqual(onDisk(expected));
      const start = applyRecord(emptyState(), asLine({ type: "ao.session.new", record: before }, 1));
      const draft: RecordDraft = { type: "ao.session", sessionId: "app-1", ...change };
      for (const drafts of [[draft], splitDraft(draft)]) {
        const state = drafts.map((one, index) => asLine(one, index + 2)).reduce(applyRecord, start);
        expect(state.sessions["app-1"]).toEqual(onDisk(expected));
      }
    }),
    { numRuns: 500 },
  );
});

it("a member of its own in a record that does not have its group yet is kept", () => {
  const state = withSession(emptyState(), sampleSession("app-1"));
  const line = asLine({ type: "ao.session", sessionId: "app-1", patch: { merging: null }, removed: ["launch"] }, 1);
  expect(applyRecord(state, line).sessions["app-1"]).toMatchObject({ pr: { merging: null, snapshot: null } });
  expect(applyRecord(state, line).sessions["app-1"]?.launch).not.toHaveProperty("last");
});

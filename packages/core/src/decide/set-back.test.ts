import { emptyState } from "@agent-orchestrator/core/store/fold";
import { aRecord, iso } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { State } from "../model/state.ts";
import { toPutAway } from "./put-away.ts";
import { isPastMoment, noLater, pullBack } from "./set-back.ts";

const AHEAD = "2126-01-01T00:00:00.000Z";
const NOW = Date.parse(iso(0));

/** The places of all moments in a schema. `*` stands for any name. */
function momentsIn(schema: z.ZodType, path: string[] = []): string[][] {
  const def = schema.def as unknown as Record<string, unknown> & { type: string };
  if (def.type === "string") return def.format === "datetime" ? [path] : [];
  const shape = (def.shape ?? {}) as Record<string, z.ZodType>;
  const named = Object.entries(shape).flatMap(([key, inner]) => momentsIn(inner, [...path, key]));
  const under = def.type === "record" ? [...path, "*"] : path;
  const inner = [def.innerType, def.element, def.valueType, def.in, ...((def.options as unknown[]) ?? [])];
  return [...named, ...inner.flatMap((one) => (one === undefined ? [] : momentsIn(one as z.ZodType, under)))];
}

describe("a clock that was set back", () => {
  test("finds every moment of the schema by its key, but those that may lie ahead and a forge's", () => {
    const places = momentsIn(State).filter(([table]) => table !== "archive");
    expect(places.length).toBeGreaterThan(40);
    const left = places.filter((path) => !isPastMoment(path)).map((path) => path.slice(2).join("."));
    const isForges = (place: string) => /^pr\.(?:snapshot|earlier)\./.test(place);
    for (const place of left.filter((one) => !isForges(one))) expect(place).toMatch(/\.resetsAt$|^snooze\.ends$/);
  });

  test("leaves what was put away as its file has it", () => {
    const record = aRecord({ isArchived: true, phase: "archived", archivedAt: AHEAD, statusSince: AHEAD });
    const state = { ...emptyState(), archive: { [record.id]: toPutAway(record) } };
    expect(pullBack(state, NOW)).toBe(state);
  });

  test("leaves what the user wrote as it is, also if it looks like a moment ahead", () => {
    const send = { at: AHEAD, kind: "wish-send", message: { id: "m", text: AHEAD, isUrgent: false } };
    expect(noLater(send, NOW)).toEqual({ ...send, at: iso(0) });
    const set = { at: iso(0), kind: "wish-set", key: "deadline", value: AHEAD };
    expect(noLater(set, NOW)).toBe(set);
    const record = aRecord({ extra: { dueAt: AHEAD }, createdAt: iso(0), statusSince: iso(0), lastActivityAt: iso(0) });
    const state = { ...emptyState(), sessions: { [record.id]: record } };
    expect(pullBack(state, NOW)).toBe(state);
  });

  test("pulls back what lies ahead, also what the user did", () => {
    const record = aRecord({ statusSince: AHEAD, humanDid: { looked: AHEAD } });
    const { sessions } = pullBack({ ...emptyState(), sessions: { [record.id]: record } }, NOW);
    expect(sessions[record.id]).toMatchObject({ statusSince: iso(0), humanDid: { looked: iso(0) } });
  });
});

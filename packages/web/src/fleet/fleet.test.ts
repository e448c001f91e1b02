import type { CostView, LoggedEvent } from "@agent-orchestrator/core/protocol/results";
import { describe, expect, it } from "vitest";
import { merged } from "../state/events.ts";
import { view } from "../testing/view.ts";
import { fittingEvents } from "./event-filter.ts";
import { paceOf } from "./pace.ts";
import { byAgent, lastDays, perDay } from "./spend.ts";

const event = (seq: number, type: string, more: Partial<LoggedEvent> = {}): LoggedEvent => ({
  ...{ seq, id: String(seq), ts: new Date(seq * 60_000).toISOString(), type, sessionId: "app-1" },
  ...more,
});

const cost = (knownUsd: number, tokens: number): CostView => ({ usd: knownUsd, knownUsd, tokens, unpriced: [] });

describe("the pace", () => {
  it("is the time from a pull request to its merge, and the rounds of CI before it", () => {
    const types = ["pr.created", "ci.failing", "session.needs_input", "ci.passing", "pr.merged"];
    expect(paceOf(types.map((type, at) => event(at, type)))).toEqual({
      ...{ merged: 1, medianMergeMs: 4 * 60_000, ciRounds: 2, questions: 1 },
    });
  });

  it("is unknown where nothing happened", () => {
    expect(paceOf([])).toEqual({ merged: 0, medianMergeMs: null, ciRounds: null, questions: null });
  });
});

describe("spending", () => {
  it("of a day is what was used since its beginning, without what was used later", () => {
    const days = perDay([
      { day: "1", cost: cost(10, 100) },
      { day: "2", cost: cost(4, 40) },
      { day: "3", cost: cost(1, 10) },
    ]);
    expect(days.map(({ usd, tokens }) => [usd, tokens])).toEqual([
      [6, 60],
      [3, 30],
      [1, 10],
    ]);
  });

  it("of agents is summed, and says where a price is missing", () => {
    const spent = (usd: number | null, knownUsd: number) => ({
      ...{ usd, knownUsd, tokens: 5, model: "m", kinds: null, unpriced: [], models: [] },
    });
    const rows = byAgent([
      view({ agent: "a", cost: spent(1, 1) }),
      view({ agent: "b", cost: spent(null, 3) }),
      view({ agent: "a", cost: spent(1, 1) }),
    ]);
    expect(rows.map(({ name, usd, isPartial, sessions }) => [name, usd, isPartial, sessions])).toEqual([
      ["b", 3, true, 1],
      ["a", 2, false, 2],
    ]);
  });

  it("has as many days as were asked for, the last one today", () => {
    const noon = new Date(2026, 2, 3, 12).getTime();
    expect(lastDays(noon, 3).map(({ day }) => day)).toEqual(["2026-03-01", "2026-03-02", "2026-03-03"]);
  });
});

describe("events", () => {
  it("are neither missing nor there twice when a stream begins again", () => {
    const known = merged([], [event(1, "a"), event(2, "b")]);
    expect(merged(known, [event(2, "b"), event(3, "c")]).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(merged(known, [event(1, "a")])).toBe(known);
  });

  it("are found by words and priority", () => {
    const all = [event(1, "ci.failing", { priority: "warning", message: "lint fails" }), event(2, "pr.created")];
    expect(fittingEvents(all, { text: "LINT ci", priority: "" })).toHaveLength(1);
    expect(fittingEvents(all, { text: "", priority: "warning" })).toHaveLength(1);
    expect(fittingEvents(all, { text: "app-1", priority: "" })).toHaveLength(2);
  });
});

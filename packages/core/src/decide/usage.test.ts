import { play } from "@agent-orchestrator/testkit/play";
import { aContext, aRecord } from "@agent-orchestrator/testkit/records";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SessionRecord } from "../model/session.ts";
import type { ModelUsage, UsageReport } from "../model/usage.ts";
import { newDraft } from "./draft.ts";
import { costOf } from "./tally.ts";
import { applyUsage, usageOf } from "./usage.ts";

const counts = fc.record({
  input: fc.nat(50_000),
  output: fc.nat(9000),
  cacheRead: fc.nat(900_000),
  cacheWrite: fc.nat(9000),
});
/** What one conversation told, each time a little more. */
const conversation = fc
  .array(fc.record({ model: fc.constantFrom("a", "b"), more: counts, cents: fc.nat(99) }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((turns) => {
    const soFar = new Map<string, ModelUsage>();
    return turns.map(({ model, more, cents }): ModelUsage[] => {
      const known = soFar.get(model);
      const tokens = { ...more };
      for (const kind of ["input", "output", "cacheRead", "cacheWrite"] as const)
        tokens[kind] += known?.tokens[kind] ?? 0;
      const usd = model === "a" ? (known?.usd ?? 0) + cents / 100 : null;
      soFar.set(model, { model, tokens, usd });
      return [...soFar.values()];
    });
  });
const conversations = fc.array(conversation, { minLength: 1, maxLength: 5 });
const reportsOf = (all: ModelUsage[][][]): UsageReport[] =>
  all.flatMap((reports, at) => reports.map((models) => ({ key: `c${at}`, models })));

function counted(reports: readonly UsageReport[]): SessionRecord {
  const draft = newDraft(aRecord(), aContext());
  for (const report of reports) applyUsage(draft, report);
  return draft.record;
}
const totalOf = (record: SessionRecord) =>
  costOf(usageOf(record), { b: { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 } });

describe("whatever is reported", () => {
  test("any order and any repetition of the reports comes to the same, to the last digit", () => {
    const told = conversations.chain((all) => {
      const reports = reportsOf(all);
      const extra = fc.array(fc.constantFrom(...reports), { maxLength: 10 });
      const shuffled = extra.chain((more) =>
        fc.shuffledSubarray([...reports, ...more], { minLength: reports.length + more.length }),
      );
      return fc.tuple(fc.constant(reports), shuffled);
    });
    fc.assert(
      fc.property(told, ([inOrder, shuffled]) => {
        expect(totalOf(counted(shuffled))).toEqual(totalOf(counted(inOrder)));
      }),
    );
  });

  test("a total is the sum of the last report of each conversation", () => {
    fc.assert(
      fc.property(conversations, (all) => {
        const last = all.map((reports) => reports.at(-1) ?? []);
        const tokens = last.flat().reduce((sum, { tokens: t }) => sum + t.input + t.output + t.cacheWrite, 0);
        expect(totalOf(counted(reportsOf(all))).tokens).toBe(tokens);
      }),
    );
  });

  test("totals never become less, and the record stays valid", () => {
    const anything = fc.array(
      fc.record({
        key: fc.constantFrom("x", "y", "z"),
        models: fc.array(
          fc.record({
            model: fc.constantFrom("a", "b", null),
            tokens: counts,
            usd: fc.option(fc.double({ min: 0, max: 9, noNaN: true })),
          }),
          { maxLength: 3 },
        ),
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(anything, (reports) => {
        let before = 0;
        for (let count = 1; count <= reports.length; count++) {
          const record = counted(reports.slice(0, count));
          expect(SessionRecord.safeParse(record).error?.issues).toBeUndefined();
          const { kinds } = totalOf(record);
          const all = kinds.input + kinds.output + kinds.cacheRead + kinds.cacheWrite;
          expect(all).toBeGreaterThanOrEqual(before);
          before = all;
        }
      }),
    );
  });
});

const report = (key: string, input: number, model: string | null = "a"): UsageReport => ({
  key,
  models: [{ model, usd: null, tokens: { input, output: 0, cacheRead: 0, cacheWrite: 0 } }],
});

test("a thousand conversations are summed up, and none of the last hundred is counted twice", () => {
  const reports = Array.from({ length: 1000 }, (_, at) => report(`c${at}`, 1));
  const record = counted([...reports, ...reports.slice(-100)]);
  expect(totalOf(record).tokens).toBe(1000);
  expect(JSON.stringify([record.usage.reports, record.usage.folded, record.usage.gone]).length).toBeLessThan(4000);
});

test("the model's name that comes later takes the tokens with it", () => {
  const record = counted([
    report("c", 100, null),
    report("c", 100, "a"),
    report("c", 150, "a"),
    report("c", 100, null),
  ]);
  expect(usageOf(record)).toMatchObject([{ model: "a", tokens: { input: 150 } }]);
});

test("the session's cost follows its reports and the prices of the config", () => {
  const prices = { a: { input: 10, output: 0 } };
  const run = play({ prices }).at(1, { kind: "usage", usage: report("c", 500_000) });
  expect(run.record.usage.cost).toMatchObject({ usd: 5, tokens: 500_000, model: "a", kinds: { input: 500_000 } });
  run.context = { ...run.context, policy: { ...run.context.policy, prices: {} } };
  expect(run.at(2).record.usage.cost).toMatchObject({ usd: null, knownUsd: 0, tokens: 500_000, unpriced: ["a"] });
});

test("a record of before there was usage is valid, and keeps the one number its agent told", () => {
  const old = aRecord({ usage: { cost: { usd: 1.2, tokens: 3000, model: "m" } } });
  expect(SessionRecord.safeParse(old).success).toBe(true);
  expect(play({}, old).at(1).record.usage.cost).toEqual(old.usage.cost);
});

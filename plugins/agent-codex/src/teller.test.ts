import type { Activity } from "@agent-orchestrator/core/model/activity";
import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import { fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { beforeEach, expect, test } from "vitest";
import { createTeller, type Teller } from "./teller.ts";

const AT = "2026-01-01T00:00:00.000Z";
const word = (state: Activity["state"], more: Partial<Activity> = {}): Activity => ({
  ...{ state, since: AT, source: "protocol", evidence: state },
  ...more,
});
const usage = (input: number) => ({
  key: "t",
  models: [{ model: null, tokens: { input, output: 0, cacheRead: 0, cacheWrite: 0 }, usd: null }],
});

let clock = fakeClock();
let facts: AgentFact[] = [];
let now: Activity | null = null;
let teller: Teller;
beforeEach(() => {
  clock = fakeClock();
  facts = [];
  now = null;
  teller = createTeller(
    clock,
    () => now,
    (fact) => facts.push(fact),
  );
});
const kinds = () => facts.map((fact) => (fact.kind === "activity" ? fact.activity.state : fact.kind));

test("facts that arrive together are reported once, and the same activity is not repeated", async () => {
  now = word("active");
  teller.soon();
  now = word("waiting_input");
  teller.soon();
  await clock.advance(25);
  teller.soon();
  now = word("waiting_input", { since: "2026-01-01T00:00:09.000Z" });
  await clock.advance(25);
  expect(kinds()).toEqual(["waiting_input"]);
});

test("a new dialog is a new activity", async () => {
  const dialog = { id: "1", kind: "permission", text: "May I?", choices: [], takesText: false } as const;
  for (const id of ["1", "1", "2"]) {
    now = word("waiting_input", { dialog: { ...dialog, id, choices: [] } });
    teller.soon();
    await clock.advance(25);
  }
  expect(kinds()).toEqual(["waiting_input", "waiting_input"]);
});

test("nothing is reported if nothing is known", async () => {
  teller.soon();
  await clock.advance(25);
  expect(facts).toEqual([]);
});

test("before a turn ends, its tokens and idle state are reported, and work that continues is reported again", async () => {
  now = word("active");
  teller.soon();
  await clock.advance(25);
  now = word("ready");
  teller.tell({ kind: "turn-ended", at: AT });
  expect(kinds()).toEqual(["active", "ready", "turn-ended"]);
  now = word("active");
  teller.soon();
  await clock.advance(25);
  teller.tell({ kind: "turn-ended", at: AT });
  teller.soon();
  await clock.advance(25);
  expect(kinds().slice(3)).toEqual(["active", "turn-ended", "active"]);
});

test("progress and tokens are reported seldom, the last tokens of a turn always, and none twice", async () => {
  for (let at = 1; at <= 12; at++) {
    teller.progress("it works");
    teller.usage(usage(at));
    await clock.advance(1_000);
  }
  expect(kinds()).toEqual(["progress", "usage", "progress", "progress", "usage"]);
  teller.tell({ kind: "turn-ended", at: AT });
  teller.tell({ kind: "turn-ended", at: AT });
  expect(facts.filter(({ kind }) => kind === "usage").at(-1)).toEqual({ kind: "usage", usage: usage(12) });
  expect(facts.filter(({ kind }) => kind === "usage")).toHaveLength(3);
});

test("large growth of tokens is reported at once", () => {
  for (const input of [100, 1_000, 50_000, 51_000, 53_000]) teller.usage(usage(input));
  const told = facts.flatMap((fact) => (fact.kind === "usage" ? [fact.usage] : []));
  expect(told).toEqual([usage(100), usage(50_000), usage(53_000)]);
});

test("new information about the agent is reported", () => {
  for (const summary of ["a", "a", "b"]) teller.info({ summary });
  expect(kinds()).toEqual(["info", "info"]);
});

test("nothing is reported after the stop", async () => {
  now = word("active");
  teller.soon();
  teller.stop();
  await clock.advance(1_000);
  expect(facts).toEqual([]);
});

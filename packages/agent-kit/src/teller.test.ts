import type { Activity } from "@agent-orchestrator/core/model/activity";
import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import { fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { expect, test } from "vitest";
import { createTeller } from "./teller.ts";

const AT = "2026-01-01T00:00:00.000Z";
const activity = (state: Activity["state"], since = AT): Activity => ({
  ...{ state, since, source: "protocol", evidence: "it says so" },
});
const usage = (input: number, key = "c") => ({
  key,
  models: [{ model: null, tokens: { input, output: 0, cacheRead: 0, cacheWrite: 0 }, usd: null }],
});

function bench(known: Activity | null = null) {
  const clock = fakeClock();
  const facts: AgentFact[] = [];
  const teller = createTeller({ clock, known, emit: (fact) => facts.push(fact) });
  const told = () => facts.flatMap((fact) => (fact.kind === "usage" ? [fact.usage.models[0]?.tokens.input] : []));
  return { clock, facts, teller, told };
}

test("an activity is reported once, and time alone does not make it another one", () => {
  const { facts, teller } = bench(activity("ready"));
  const heard = [activity("ready", "2026-01-02T00:00:00.000Z"), activity("active"), activity("active")];
  expect(heard.map((each) => teller.activityIs(each))).toEqual([false, true, false]);
  expect(facts).toEqual([{ kind: "activity", activity: activity("active") }]);
  teller.forgetActivity();
  expect(teller.activityIs(activity("active"))).toBe(true);
});

test("progress is reported at most every five seconds", async () => {
  const { clock, facts, teller } = bench();
  for (let second = 0; second < 12; second++) {
    teller.progress("it works");
    await clock.advance(1_000);
  }
  expect(facts).toHaveLength(3);
});

test("sums are reported every ten seconds, sooner if they grow much, and what is held at the end of the turn", async () => {
  const { clock, teller, told } = bench();
  for (const input of [100, 1_000, 50_000, 51_000, 53_000, 53_100]) teller.usage(usage(input));
  expect(told()).toEqual([100, 50_000, 53_000]);
  expect(teller.heldForMs).toBe(10_000);
  await clock.advance(4_000);
  expect(teller.heldForMs).toBe(6_000);
  await clock.advance(6_000);
  teller.usage(usage(53_200));
  expect([told().at(-1), teller.heldForMs]).toEqual([53_200, null]);
  teller.usage(usage(53_300));
  teller.flush();
  teller.flush();
  expect(told().slice(3)).toEqual([53_200, 53_300]);
});

test("a sum that has not changed is not reported again, and each key is another sum", () => {
  const { teller, told } = bench();
  for (const key of ["a", "b", "a", "b"]) teller.usage(usage(5, key));
  teller.flush();
  expect(told()).toEqual([5, 5]);
});

test("information is reported when it changes", () => {
  const { facts, teller } = bench();
  for (const summary of ["a", "a", "b"]) teller.info({ summary });
  expect(facts).toHaveLength(2);
});

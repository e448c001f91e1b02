import { fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { expect, it } from "vitest";
import { createLimits } from "./limits.ts";
import { world } from "./testing/world.ts";

const HOUR = 3_600_000;

async function limited(requests: number) {
  const clock = fakeClock();
  const server = { now: () => clock.now(), limits: { requests } };
  const around = await world({ server, context: { clock } });
  around.workspace.addIssue(around.team, { title: "One" });
  const read = async () => around.tracker.getIssue("INT-1", around.project);
  const sent = () => around.linear.requests.length;
  return { ...around, clock, read, sent };
}

it("stops before the limit, says how long, and goes on when requests have come back", async () => {
  const { read, sent, clock } = await limited(20);
  for (let n = 0; n < 18; n++) await read();
  const error = await read().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "TRY_AGAIN",
    message: expect.stringMatching(/^could not read issue INT-1: Linear's limit is used up for another \d+ (s|min)$/),
    details: { retryAfterMs: expect.any(Number) },
  });
  expect(sent()).toBe(18);
  await clock.pass((error as { details: { retryAfterMs: number } }).details.retryAfterMs);
  await read();
  expect(sent()).toBe(19);
});

it("sends nothing while Linear refuses, and waits longer each time", async () => {
  const { linear, read, sent, clock } = await limited(1000);
  linear.fault({ kind: "rate-limited" });
  const waits: number[] = [];
  for (let n = 0; n < 3; n++) {
    const error = await read().catch((thrown: unknown) => thrown);
    waits.push((error as { details: { retryAfterMs: number } }).details.retryAfterMs);
    await expect(read()).rejects.toMatchObject({ code: "TRY_AGAIN" });
    expect(sent()).toBe(n + 1);
    await clock.pass(waits[n] ?? 0);
  }
  expect(waits).toEqual([60_000, 120_000, 240_000]);
  linear.clearFaults();
  expect((await read()).id).toBe("INT-1");
});

it("knows both buckets and their rates from the headers, and believes `Retry-After`", () => {
  let now = 0;
  const limits = createLimits(() => now);
  const headers = (given: Record<string, number>) =>
    new Headers(Object.entries(given).map(([name, value]) => [`x-ratelimit-${name}`, String(value)]));
  expect(limits.waitMs()).toBe(0);
  limits.learn(headers({ "requests-limit": 3600, "requests-remaining": 361 }));
  expect(limits.waitMs()).toBe(0);
  limits.learn(headers({ "requests-limit": 3600, "requests-remaining": 355 }));
  expect(limits.waitMs()).toBe(6_000);
  now += 6_000;
  expect(limits.waitMs()).toBe(0);
  limits.learn(headers({ "complexity-limit": 36_000, "complexity-remaining": 0 }));
  expect(limits.waitMs()).toBeGreaterThan(0.1 * HOUR);
  now += HOUR;
  expect(limits.waitMs()).toBe(0);
  expect(limits.refused(new Headers({ "retry-after": "30" }))).toBe(30_000);
  expect(limits.waitMs()).toBe(30_000);
});

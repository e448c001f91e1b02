import type { OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import { sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { type FakeClock, fakeClock, settle } from "@agent-orchestrator/testkit/fake-clock";
import type { SlackFault } from "@agent-orchestrator/testkit/slack/world";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { noticesOf, rootsOf, testDesk } from "./testing/desk.ts";

/** As core does: in order for each session, again after each failure, not before the time that the error says. */
async function sendAll(
  events: readonly OrchestratorEvent[],
  notifierNow: (attempt: number) => Promise<{ notifier: Notifier; signal: AbortSignal }>,
  clock: FakeClock,
): Promise<number> {
  let attempts = 0;
  for (const event of events) {
    for (let isSent = false; !isSent; ) {
      attempts += 1;
      const { notifier, signal } = await notifierNow(attempts);
      const error: unknown = await notifier.notify(event, { signal }).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      isSent = error === null;
      const { details } = (error ?? {}) as { details?: { retryAfterMs?: number } };
      if (!isSent) await clock.advance(details?.retryAfterMs ?? 1_000);
    }
  }
  return attempts;
}

/** A small generator, so that a failure can be repeated. */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

test("1,000 notices while Slack answers 429, 500 and nothing, and the daemon is killed ten times: each once, in order", async () => {
  const seed = Number(process.env.SEED ?? 7);
  const chance = chances(seed);
  const clock = fakeClock();
  const desk = await testDesk({}, { context: { clock } });
  const faults = { limited: 0, status: 0, broken: 0 };
  desk.slack.world.faults = ({ method }) => {
    if (method === "auth.test" || method === "conversations.list") return null;
    const roll = chance();
    const isDone = chance() < 0.5;
    const fault: SlackFault | null =
      roll < 0.12
        ? { kind: "limited", seconds: 1 + Math.floor(chance() * 5) }
        : roll < 0.22
          ? { kind: "status", status: 500, isDone }
          : roll < 0.32
            ? { kind: "broken", isDone }
            : null;
    if (fault !== null) faults[fault.kind as keyof typeof faults] += 1;
    return fault;
  };
  const events = Array.from({ length: 1_000 }, (_, index) =>
    sampleEvent({ id: `n${index}`, sessionId: `app-${index % 20}`, message: `number ${index}.` }),
  );
  let notifier = desk.notifier;
  let kills = 0;
  /** In the middle of a call, at any step of it. What was sent by then still arrives, and the next daemon takes longer to start. */
  const killed = async (attempt: number): Promise<AbortSignal> => {
    const kill = new AbortController();
    if (attempt % 150 !== 75) return kill.signal;
    kills += 1;
    const steps = Math.floor(chance() * 12);
    void settle(steps).then(() => kill.abort(new Error("killed")));
    return kill.signal;
  };
  const attempts = await sendAll(
    events,
    async (attempt) => {
      if (attempt % 150 === 76) {
        await settle(20);
        await waitFor(() => desk.slack.pending() === 0);
        notifier = desk.restarted();
      }
      return { notifier, signal: await killed(attempt) };
    },
    clock,
  );
  const sent = noticesOf(desk);
  const numbers = sent.map(({ text }) => Number(/number (\d+)/.exec(text)?.[1]));
  const doubles = numbers.length - new Set(numbers).size;
  const looks = desk.slack.calls("conversations.replies").length + desk.slack.calls("conversations.history").length;
  console.log(
    JSON.stringify({ figure: "1,000 notices through a bad Slack", seed, attempts, kills, ...faults, looks, doubles }),
  );
  expect([doubles, new Set(numbers).size, rootsOf(desk).length]).toEqual([0, 1_000, 20]);
  expect(kills).toBeGreaterThanOrEqual(10);
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  const roots = new Map(rootsOf(desk).map(({ ts, text }) => [ts, text]));
  for (const { threadTs, text } of sent) {
    const number = Number(/number (\d+)/.exec(text)?.[1]);
    expect(roots.get(threadTs ?? "")).toContain(`app-${number % 20}`);
  }
}, 180_000);

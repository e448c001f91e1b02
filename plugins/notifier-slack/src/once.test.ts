import type { OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import { sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { type FakeClock, fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import type { SlackFault } from "@agent-orchestrator/testkit/slack/world";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { describe, expect, test } from "vitest";
import { type TestDesk, testDesk } from "./testing/desk.ts";

const isNotice = (kind: string | undefined) => kind === "ao_notice";
const noticesOf = ({ slack }: TestDesk) => slack.messages().filter(({ metadata }) => isNotice(metadata?.event_type));
const rootsOf = ({ slack }: TestDesk) => slack.messages().filter(({ metadata }) => !isNotice(metadata?.event_type));

const LOST: readonly [string, SlackFault][] = [
  ["the connection breaks before it is done", { kind: "broken", isDone: false }],
  ["the connection breaks after it was done", { kind: "broken", isDone: true }],
  ["a server fails before it is done", { kind: "status", status: 502 }],
  ["a server fails after it was done", { kind: "status", status: 500, isDone: true }],
  ["Slack says that a part may be done", { kind: "error", error: "fatal_error" }],
];

describe.each(LOST)("when %s", (_what, fault) => {
  test.each([
    ["first message of the thread", 0],
    ["notice", 1],
  ])("the %s is there once after the next attempt, in the same daemon or the next", async (_which, at) => {
    for (const isRestarted of [false, true]) {
      const desk = await testDesk();
      const { slack, notifier, restarted } = desk;
      slack.world.faults = ({ method }, count) => (method === "chat.postMessage" && count === at ? fault : null);
      await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({ code: "UNREACHABLE" });
      await (isRestarted ? restarted() : notifier).notify(sampleEvent());
      expect([rootsOf(desk).length, noticesOf(desk).length]).toEqual([1, 1]);
      expect(noticesOf(desk)[0]?.threadTs).toBe(rootsOf(desk)[0]?.ts);
    }
  });
});

test("a notice whose answer never came is found after the daemon was killed", async () => {
  const desk = await testDesk();
  const { slack, notifier, restarted } = desk;
  slack.world.faults = ({ method }, count) =>
    method === "chat.postMessage" && count === 1 ? { kind: "silent", isDone: true } : null;
  const kill = new AbortController();
  const killed = notifier.notify(sampleEvent(), { signal: kill.signal }).catch((error: unknown) => error);
  await waitFor(() => noticesOf(desk).length === 1);
  kill.abort(new Error("killed"));
  expect(await killed).toMatchObject({ message: "killed" });
  await restarted().notify(sampleEvent());
  expect(noticesOf(desk)).toHaveLength(1);
  const looks = slack.calls("conversations.replies");
  expect(looks).toHaveLength(1);
  expect(looks[0]?.args).toMatchObject({ include_all_metadata: true, oldest: rootsOf(desk)[0]?.ts });
});

test("what certainly was not sent is not looked for", async () => {
  const desk = await testDesk();
  const { slack, notifier } = desk;
  slack.world.faults = ({ method }, count) =>
    method === "chat.postMessage" && count === 1 ? { kind: "error", error: "restricted_action" } : null;
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({ code: "UNAVAILABLE" });
  await notifier.notify(sampleEvent());
  expect([noticesOf(desk).length, slack.calls("conversations.replies").length]).toEqual([1, 0]);
});

test("without a scope to look, it is sent again, and the log says that it may be there twice", async () => {
  const desk = await testDesk();
  const { slack, notifier, lines } = desk;
  slack.world.scopes.delete("channels:history");
  slack.world.faults = ({ method }, count) =>
    method === "chat.postMessage" && count === 1 ? { kind: "broken", isDone: true } : null;
  await expect(notifier.notify(sampleEvent())).rejects.toThrow();
  await notifier.notify(sampleEvent());
  expect(noticesOf(desk)).toHaveLength(2);
  expect(lines.join("\n")).toContain("may appear twice");
});

test("a look that fails is no answer: nothing is sent until Slack can say", async () => {
  const desk = await testDesk();
  const { slack, notifier } = desk;
  slack.world.faults = ({ method }, count) => {
    if (method === "chat.postMessage" && count === 1) return { kind: "broken", isDone: true };
    return method === "conversations.replies" && count === 0 ? { kind: "status", status: 500 } : null;
  };
  await expect(notifier.notify(sampleEvent())).rejects.toThrow();
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({ code: "UNREACHABLE" });
  await notifier.notify(sampleEvent());
  expect([noticesOf(desk).length, slack.calls("chat.postMessage").length]).toEqual([1, 2]);
});

test("a message is found among hundreds that came after", async () => {
  const desk = await testDesk();
  const { slack, notifier } = desk;
  slack.world.faults = ({ method }, count) =>
    method === "chat.postMessage" && count === 1 ? { kind: "broken", isDone: true } : null;
  await expect(notifier.notify(sampleEvent())).rejects.toThrow();
  const [root] = rootsOf(desk);
  for (let count = 0; count < 450; count++) slack.person("U0EVE").replied(root ?? null, `talk ${count}`);
  await notifier.notify(sampleEvent());
  expect(noticesOf(desk)).toHaveLength(1);
});

test("of a record that somebody else wrote, nothing counts", async () => {
  const seal = (text: string) => `sealed ${text.length}`;
  const forged = (text: string) => `forged ${text.length}`;
  const desk = await testDesk({}, { context: { seal } });
  await desk.notifier.notify(sampleEvent());
  const other = await testDesk({}, { slack: desk.slack, context: { ...desk.context, seal: forged } });
  await other.notifier.notify(sampleEvent({ id: "new" }));
  expect(rootsOf(desk)).toHaveLength(2);
  expect(desk.lines.concat(other.lines).join("\n")).toContain("not written by ao");
});

/** As core does: in order for each session, again after each failure, not before the time that the error says. */
async function sendAll(
  events: readonly OrchestratorEvent[],
  notifierNow: () => Notifier,
  clock: FakeClock,
): Promise<number> {
  let attempts = 0;
  for (const event of events) {
    for (let isSent = false; !isSent; ) {
      attempts += 1;
      const error: unknown = await notifierNow()
        .notify(event)
        .then(
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

test("1,000 notices while Slack answers 429, 500 and nothing, and the daemon is restarted ten times: each once, in order", async () => {
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
  let [notifier, count] = [desk.notifier, 0];
  const attempts = await sendAll(
    events,
    () => {
      count += 1;
      if (count % 150 === 0 && count <= 1_500) notifier = desk.restarted();
      return notifier;
    },
    clock,
  );
  const sent = noticesOf(desk);
  const numbers = sent.map(({ text }) => Number(/number (\d+)/.exec(text)?.[1]));
  const doubles = numbers.length - new Set(numbers).size;
  const looks = desk.slack.calls("conversations.replies").length + desk.slack.calls("conversations.history").length;
  console.log(
    JSON.stringify({ figure: "1,000 notices through a bad Slack", seed, attempts, ...faults, looks, doubles }),
  );
  expect([doubles, new Set(numbers).size, rootsOf(desk).length]).toEqual([0, 1_000, 20]);
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  const roots = new Map(rootsOf(desk).map(({ ts, text }) => [ts, text]));
  for (const { threadTs, text } of sent) {
    const number = Number(/number (\d+)/.exec(text)?.[1]);
    expect(roots.get(threadTs ?? "")).toContain(`app-${number % 20}`);
  }
}, 180_000);

import { sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import type { SlackFault } from "@agent-orchestrator/testkit/slack/world";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { describe, expect, test } from "vitest";
import { noticesOf, rootsOf, testDesk } from "./testing/desk.ts";

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
  const other = await testDesk({}, { slack: desk.slack, context: { home: desk.context.home, seal: forged } });
  await other.notifier.notify(sampleEvent({ id: "new" }));
  expect(rootsOf(desk)).toHaveLength(2);
  expect(desk.lines.concat(other.lines).join("\n")).toContain("not written by ao");
});

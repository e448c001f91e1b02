import { formatCallback } from "@agent-orchestrator/core/model/callback";
import { sampleCard, sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { buttonsOf } from "@agent-orchestrator/testkit/slack/people";
import type { FakeSlack } from "@agent-orchestrator/testkit/slack/server";
import type { SlackMessage } from "@agent-orchestrator/testkit/slack/world";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { acting, shownText, testDesk } from "./testing/desk.ts";

const PR = {
  number: 7,
  url: "https://github.com/acme/app/pull/7",
  state: "open",
  ci: "failing",
  review: "none",
} as const;

const session = { title: "Water the plants", agent: "claude-code", branch: "ao/app-1", issueUrl: null };
const merge = (of: string) => ({
  label: "Merge",
  callbackEndpoint: formatCallback({ kind: "merge", session: of, head: "abc" }),
});

const rootsOf = (slack: FakeSlack, channel?: string) =>
  slack.messages(channel).filter(({ metadata }) => metadata?.event_type === "ao_session");
const noticesOf = (slack: FakeSlack, channel?: string) =>
  slack.messages(channel).filter(({ metadata }) => metadata?.event_type === "ao_notice");
const only = (messages: SlackMessage[]): SlackMessage => {
  expect(messages).toHaveLength(1);
  return messages[0] as SlackMessage;
};

test("each session has one thread, in which its notices are replies, over restarts too", async () => {
  const { slack, notifier, restarted } = await testDesk();
  await notifier.notify(sampleEvent({ id: "a", data: { session } }));
  await notifier.notify(sampleEvent({ id: "b", sessionId: "app-2" }));
  await notifier.notify(sampleEvent({ id: "c" }));
  await restarted().notify(sampleEvent({ id: "d", priority: "info", message: "later" }));
  await restarted().notify(sampleEvent({ id: "e", sessionId: null, message: "about nothing" }));
  const roots = rootsOf(slack);
  expect(roots.map((root) => shownText(root).title)).toEqual(["app-1: Water the plants", "app-2"]);
  expect(shownText(roots[0] as SlackMessage).small).toContain("claude-code ao/app-1");
  const [first, second] = roots.map(({ ts }) => ts);
  const threads = noticesOf(slack).map(({ threadTs }) => threadTs);
  expect(threads).toEqual([first, second, first, first, null]);
});

test("what is urgent or needs somebody is shown in the channel as well, and nothing of ours unfurls or mentions", async () => {
  const { slack, notifier } = await testDesk();
  for (const priority of ["urgent", "action", "warning", "info"] as const)
    await notifier.notify(sampleEvent({ id: priority, priority }));
  expect(noticesOf(slack).map(({ isBroadcast }) => isBroadcast)).toEqual([true, true, false, false]);
  for (const { args } of slack.calls("chat.postMessage")) {
    const quiet = { unfurl_links: false, unfurl_media: false, link_names: false, mrkdwn: false, parse: "none" };
    expect(args).toMatchObject(quiet);
  }
});

test("the first message shows what the session is like, one edit for each change, and only the last of many", async () => {
  const clock = fakeClock();
  const { slack, notifier } = await testDesk({}, { context: { clock } });
  await notifier.follow?.(sampleCard());
  expect(slack.messages()).toEqual([]);
  await notifier.notify(sampleEvent({ data: { session } }));
  const root = () => only(rootsOf(slack));
  await notifier.follow?.(sampleCard({ pr: { ...PR } }));
  await waitFor(() => root().edits === 1);
  expect(shownText(root()).small).toContain("CI fails");
  await notifier.follow?.(sampleCard({ pr: { ...PR } }));
  for (const ci of ["pending", "none", "passing"] as const) await notifier.follow?.(sampleCard({ pr: { ...PR, ci } }));
  expect(root().edits).toBe(1);
  await clock.pass(1_500);
  await waitFor(() => root().edits === 2);
  await clock.pass(60_000);
  expect([root().edits, slack.calls("chat.update").length]).toEqual([2, 2]);
  await notifier.follow?.(sampleCard({ pr: { ...PR, ci: "failing" } }));
  await waitFor(() => root().edits === 3);
  await notifier.follow?.(sampleCard({ pr: { ...PR, ci: "none" } }));
  await notifier.follow?.(sampleCard({ pr: { ...PR, ci: "failing" } }));
  await clock.pass(60_000);
  expect([root().edits, shownText(root()).small]).toEqual([3, expect.stringContaining("CI fails")]);
  await notifier.follow?.(sampleCard({ pr: { ...PR, ci: "passing" } }));
  await waitFor(() => root().edits === 4);
  expect(shownText(root()).small).toContain("CI passes");
});

test("edits obey Slack's limits, never hold up a notice, and go on after a restart", async () => {
  const clock = fakeClock();
  const { slack, notifier, restarted } = await testDesk({}, { context: { clock } });
  await notifier.notify(sampleEvent({ id: "a" }));
  slack.world.faults = ({ method }, count) =>
    method === "chat.update" && count === 0 ? { kind: "limited", seconds: 30 } : null;
  await notifier.follow?.(sampleCard({ because: "one" }));
  await waitFor(() => slack.calls("chat.update").length === 1);
  await notifier.notify(sampleEvent({ id: "b" }));
  await notifier.follow?.(sampleCard({ because: "two" }));
  await clock.pass(29_000);
  expect(slack.calls("chat.update")).toHaveLength(1);
  await restarted().notify(sampleEvent({ id: "c" }));
  await waitFor(async () => {
    await clock.pass(2_000);
    return shownText(only(rootsOf(slack))).body.includes("two");
  });
});

test("a first message that somebody deleted is written again with the next notice", async () => {
  const { slack, notifier } = await testDesk();
  await notifier.notify(sampleEvent({ id: "a" }));
  const [root] = rootsOf(slack);
  slack.world.messages = slack.world.messages.filter(({ ts }) => ts !== root?.ts);
  await notifier.follow?.(sampleCard());
  await waitFor(async () => {
    await notifier.notify(sampleEvent({ id: `again ${slack.messages().length}` }));
    return rootsOf(slack).length === 1;
  });
  const [second] = rootsOf(slack);
  expect(noticesOf(slack).at(-1)?.threadTs).toBe(second?.ts);
});

test("a thread that is gone as a whole is begun again, and the notice is in it", async () => {
  const { slack, notifier } = await testDesk();
  await notifier.notify(sampleEvent({ id: "a" }));
  slack.world.faults = ({ method, args }, count) =>
    method === "chat.postMessage" && args.thread_ts !== undefined && count === 2
      ? { kind: "error", error: "thread_not_found" }
      : null;
  await notifier.notify(sampleEvent({ id: "b" }));
  const [, second] = rootsOf(slack);
  expect(
    noticesOf(slack)
      .map(({ threadTs }) => threadTs)
      .at(-1),
  ).toBe(second?.ts);
  expect(noticesOf(slack)).toHaveLength(2);
});

test("several notices are one message in the channel, and one in the thread if they are of one session", async () => {
  const { slack, notifier } = await testDesk();
  const notice = (id: string, of: string) => ({
    ...{ id, ts: "2026-01-01T00:00:00.000Z", type: "ci.failing", priority: "action", projectId: "app", sessionId: of },
    ...{ message: `${of}: CI fails`, data: {}, actions: [] },
  });
  const event = (id: string, ...of: string[]) =>
    sampleEvent({
      id,
      sessionId: null,
      message: "2 sessions need you: …",
      data: { notices: of.map((one, at) => notice(`${id}${at}`, one)) },
    });
  await notifier.notify(event("x", "app-1", "app-2"));
  await notifier.notify(event("y", "app-3", "app-3"));
  expect(rootsOf(slack).map((root) => shownText(root).title)).toEqual(["app-3"]);
  expect(noticesOf(slack).map(({ threadTs }) => threadTs)).toEqual([null, rootsOf(slack)[0]?.ts]);
  expect(shownText(noticesOf(slack)[0] as SlackMessage).body).toContain("app-1: CI fails");
});

test("what was taken up elsewhere loses its buttons, and says why", async () => {
  const desk = await testDesk();
  const notifier = desk.restarted(acting(desk.slack));
  await notifier.notifyWithActions?.(sampleEvent({ id: "m", type: "merge.ready" }), [merge("app-1")]);
  const notices = ["app-1", "app-2"].map((of) => ({
    ...{ id: `n-${of}`, ts: "2026-01-01T00:00:00.000Z", type: "merge.ready", priority: "action" as const },
    ...{ projectId: "app", sessionId: of, message: `${of} can be merged`, data: {}, actions: [merge(of)] },
  }));
  await notifier.notifyWithActions?.(sampleEvent({ id: "l", sessionId: null, data: { notices } }), []);
  const [single, list] = noticesOf(desk.slack) as [SlackMessage, SlackMessage];
  expect([buttonsOf(single).length, buttonsOf(list).length]).toEqual([1, 2]);
  await desk.restarted(acting(desk.slack)).withdraw?.([
    { id: "m", sessionId: "app-1", text: "app-1 was merged" },
    { id: "n-app-2", sessionId: "app-2", text: "app-2 was <!channel> answered" },
    { id: "unknown", sessionId: null, text: "what?" },
  ]);
  await waitFor(() => single.edits === 1 && list.edits === 1);
  expect(buttonsOf(single)).toEqual([]);
  expect(shownText(single).small).toContain("app-1 was merged");
  expect(buttonsOf(list).map(({ value }) => value)).toEqual([merge("app-1").callbackEndpoint]);
  expect(shownText(list).small).toContain("app-2 was");
  expect(list.text).not.toContain("<");
});

test("in a list, what has no buttons is taken up without an edit", async () => {
  const { slack, notifier } = await testDesk();
  const notices = ["a", "b"].map((id) => ({
    ...{ id, ts: "2026-01-01T00:00:00.000Z", type: "ci.failing", priority: "action" as const, projectId: "app" },
    ...{ sessionId: id, message: `${id} fails`, data: {}, actions: [] },
  }));
  await notifier.notify(sampleEvent({ id: "l", priority: "action", sessionId: null, data: { notices } }));
  await notifier.notify(sampleEvent({ id: "single", priority: "action", sessionId: null }));
  await notifier.withdraw?.([
    { id: "a", sessionId: "a", text: "a was fixed" },
    { id: "single", sessionId: null, text: "it is over" },
  ]);
  const [list, single] = noticesOf(slack) as [SlackMessage, SlackMessage];
  await waitFor(() => single.edits === 1);
  expect([list.edits, shownText(single).small]).toEqual([0, expect.stringContaining("it is over")]);
});

test("words of ao's own go where they belong, and need no command", async () => {
  const { slack, notifier } = await testDesk({ channel: "secret" });
  await notifier.post?.("The daemon was updated.", {});
  await notifier.post?.("It goes on.", { sessionId: "app-1" });
  const [first, second] = noticesOf(slack, "G0SECRET") as [SlackMessage, SlackMessage];
  expect([shownText(first).title, shownText(first).body]).toEqual(["ao", "The daemon was updated."]);
  expect(second.threadTs).toBe(only(rootsOf(slack, "G0SECRET")).ts);
  expect(second.blocks.some(({ type }) => type === "actions")).toBe(false);
});

test("a message that Slack finds fault with arrives as plain text", async () => {
  const { slack, notifier, lines } = await testDesk();
  slack.world.faults = ({ method, args }) =>
    method === "chat.postMessage" && args.blocks !== undefined ? { kind: "error", error: "invalid_blocks" } : null;
  await notifier.notify(sampleEvent({ message: "still said" }));
  expect(noticesOf(slack)[0]?.text).toContain("still said");
  expect(lines.join("\n")).toContain("invalid_blocks");
});

test("neither errors nor the log contain a token, whatever fails", async () => {
  for (const fault of [
    { kind: "error", error: "xoxb-1-good-bot-token is bad" },
    { kind: "status", status: 500 },
    { kind: "broken", isDone: false },
  ] as const) {
    const { slack, notifier, lines } = await testDesk();
    slack.world.faults = () => fault;
    const thrown: unknown = await notifier.notify(sampleEvent()).catch((error: unknown) => error);
    const { message, hint, details, cause } = thrown as Record<string, unknown>;
    const said = JSON.stringify([message, hint, details, String(cause), lines, await notifier.check?.()]);
    expect(said).not.toContain("good-bot-token");
    expect(details).toMatchObject({ isUnknown: true });
  }
});

test("event → Slack call, p95", async () => {
  const { slack, notifier } = await testDesk();
  await notifier.notify(sampleEvent({ id: "first" }));
  const durations: number[] = [];
  for (let count = 0; count < 200; count++) {
    const began = performance.now();
    await notifier.notify(sampleEvent({ id: `n${count}` }));
    durations.push((slack.calls("chat.postMessage").at(-1)?.at ?? Number.NaN) - began);
  }
  const p95 = durations.sort((a, b) => a - b)[Math.floor(durations.length * 0.95)] ?? Number.NaN;
  console.log(JSON.stringify({ figure: "event → Slack call, p95", ms: Number(p95.toFixed(1)), goal: 250 }));
  expect(noticesOf(slack)).toHaveLength(201);
  expect(p95).toBeLessThan(250);
});

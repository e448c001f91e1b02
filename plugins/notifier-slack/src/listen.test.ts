import { formatCallback } from "@agent-orchestrator/core/model/callback";
import type { ActionOutcome } from "@agent-orchestrator/core/slots/notifier";
import { sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { CA_FILE } from "@agent-orchestrator/testkit/faulty-server";
import { proxyServer } from "@agent-orchestrator/testkit/proxy-server";
import { buttonsOf } from "@agent-orchestrator/testkit/slack/people";
import { type FakeSlack, fakeSlack } from "@agent-orchestrator/testkit/slack/server";
import type { SlackMessage } from "@agent-orchestrator/testkit/slack/world";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { ANN, acting, BOB, EVE, listening, shownText, testDesk } from "./testing/desk.ts";

/** A notifier that listens, with a notice in Slack. */
async function asking() {
  const slack = await fakeSlack();
  const desk = await testDesk(acting(slack), { slack });
  const ears = await listening(desk);
  const callback = (choice: number) => formatCallback({ kind: "answer", session: "app-1", dialog: "d1", choice });
  const actions = [
    { label: "Yes", callbackEndpoint: callback(1) },
    { label: "No, use a copy", callbackEndpoint: callback(2) },
    { label: "Merge", callbackEndpoint: formatCallback({ kind: "merge", session: "app-1", head: "abc" }) },
    { label: "Docs", url: "https://ao.example.com/docs" },
  ];
  await desk.notifier.notifyWithActions?.(sampleEvent(), actions);
  const [root, notice] = slack.messages() as [SlackMessage, SlackMessage];
  return { ...desk, ...ears, root, notice };
}

const whispers = ({ slack }: { slack: FakeSlack }) => slack.world.ephemerals;

test("a pressed button acts, is acknowledged at once, and the message says who did what", async () => {
  const { slack, acted, answer, notice } = await asking();
  let finish: (outcome: ActionOutcome) => void = () => undefined;
  answer(() => new Promise((resolve) => (finish = resolve)));
  const ackMs = await slack.person(ANN).press(notice, "No, use a copy");
  expect(ackMs).toBeLessThan(3_000);
  await waitFor(() => acted.length === 1);
  expect(acted[0]).toEqual({
    ...{ id: expect.stringMatching(/^slack:C0AGENTS:\d+\.\d+:n0-1:\d+\.\d+$/), by: "slack:U01ANN (ann)" },
    ...{ endpoint: "answer?session=app-1&dialog=d1&choice=2", sessionId: null, text: null },
    may: ["answer", "approve", "merge", "restore", "send"],
  });
  expect(notice.edits).toBe(0);
  finish({ isDone: true, text: 'app-1: answered "No, use a copy" <!channel>' });
  await waitFor(() => notice.edits === 1);
  expect(buttonsOf(notice)).toEqual([]);
  expect(shownText(notice).small).toContain('<@U01ANN> app-1: answered "No, use a copy"');
  expect(notice.text).not.toContain("<");
  expect(whispers({ slack })).toEqual([]);
});

test("what is refused is said only to who pressed, and the buttons stay", async () => {
  const { slack, acted, answer, notice } = await asking();
  answer(() => ({ isDone: false, text: "app-1 asks something else by now" }));
  await slack.person(ANN).press(notice, "Yes");
  const [said] = await waitFor(() => (whispers({ slack }).length > 0 ? whispers({ slack }) : null));
  expect(said).toMatchObject({
    user: ANN,
    text: "Nothing was done. app-1 asks something else by now",
    threadTs: notice.threadTs,
  });
  await slack.person(ANN).press(notice, "Yes");
  await waitFor(() => acted.length === 2);
  expect([notice.edits, buttonsOf(notice).length]).toEqual([0, 4]);
});

test("an act that fails is said, without what ao does not say itself", async () => {
  const { slack, answer, notice } = await asking();
  answer(() => {
    throw new Error("xoxb-1-good-bot-token");
  });
  await slack.person(ANN).press(notice, "Yes");
  const [said] = await waitFor(() => (whispers({ slack }).length > 0 ? whispers({ slack }) : null));
  expect(said?.text).toBe("Nothing was done. ao failed. See `ao doctor`.");
});

test("a button that is pressed twice, by one or by two, acts once", async () => {
  const { slack, acted, answer, notice } = await asking();
  let finish: (outcome: ActionOutcome) => void = () => undefined;
  answer(() => new Promise((resolve) => (finish = resolve)));
  const again = [ANN, ANN, BOB].map((id) => slack.person(id).pressed(notice, "Yes"));
  const late = slack.person(BOB).pressed(notice, "No, use a copy");
  await Promise.all(again.map((one) => slack.socket.send(one)));
  await waitFor(() => acted.length === 1);
  finish({ isDone: true, text: "answered" });
  await waitFor(() => notice.edits === 1);
  await slack.socket.send(late);
  await waitFor(() => whispers({ slack }).some(({ text }) => text === "Too late: answered"));
  expect(acted).toHaveLength(1);
});

test("of several notices in one message, each has its own turn", async () => {
  const slack = await fakeSlack();
  const desk = await testDesk(acting(slack), { slack });
  const { acted } = await listening(desk);
  const notices = [1, 2].map((at) => ({
    ...{ id: `n${at}`, ts: "2026-01-01T00:00:00.000Z", type: "session.needs_input", priority: "urgent" as const },
    ...{ projectId: "app", sessionId: `app-${at}`, message: `app-${at} asks`, data: {} },
    actions: [
      {
        label: `Yes ${at}`,
        callbackEndpoint: formatCallback({ kind: "answer", session: `app-${at}`, dialog: "d", choice: 1 }),
      },
    ],
  }));
  await desk.notifier.notify(sampleEvent({ sessionId: null, data: { notices } }));
  const [list] = slack.messages() as [SlackMessage];
  await Promise.all(["Yes 1", "Yes 2"].map((label) => slack.person(ANN).press(list, label)));
  await waitFor(() => acted.length === 2 && buttonsOf(list).length === 0);
  expect(shownText(list).body).toContain("app-1 asks");
});

test("a press acts after a restart as well, and once it is over, never again", async () => {
  const { slack, notice, stop, ended, restarted, acted } = await asking();
  stop.abort();
  await ended;
  const next = restarted();
  const ears = await listening({ slack, notifier: next });
  const again = slack.person(ANN).pressed(notice, "Yes");
  await slack.person(ANN).press(notice, "Yes");
  await waitFor(() => ears.acted.length === 1 && notice.edits === 1);
  ears.stop.abort();
  await ears.ended;
  const last = await listening({ slack, notifier: restarted() });
  await slack.socket.send(again);
  await waitFor(() => whispers({ slack }).length === 1);
  expect([acted.length, ears.acted.length, last.acted.length]).toEqual([0, 1, 0]);
});

test("words in a session's thread reach its agent, without Slack's notation", async () => {
  const { slack, acted, answer, root } = await asking();
  answer(() => ({ isDone: true, text: "app-1: sent" }));
  await slack.person(BOB).reply(root, "use &lt;b&gt; &amp; see <https://x.example/a|x.example/a>, <@U01ANN> :tada:");
  await waitFor(() => acted.length === 1);
  expect(acted[0]).toMatchObject({
    ...{ endpoint: null, sessionId: "app-1", by: "slack:U02BOB", may: ["answer", "send"] },
    ...{ id: expect.stringMatching(/^slack:C0AGENTS:\d+\.\d+$/), text: "use <b> & see x.example/a, @U01ANN :tada:" },
  });
  const [said] = await waitFor(() => (whispers({ slack }).length > 0 ? whispers({ slack }) : null));
  expect(said).toMatchObject({ user: BOB, text: "app-1: sent", threadTs: root.ts });
});

test("whoever is not listed is told so once, and may go on talking", async () => {
  const { slack, acted, root, notice } = await asking();
  await slack.person(EVE).reply(root, "delete everything");
  await slack.person(EVE).reply(root, "please");
  await slack.person(EVE).press(notice, "Yes");
  await slack.person(BOB).press(notice, "Merge");
  await waitFor(() => whispers({ slack }).length === 3);
  expect(whispers({ slack }).map(({ user, text }) => [user, text.split(/[.:]/)[0]])).toEqual([
    [EVE, "You may not do that"],
    [EVE, "You may not do that"],
    [BOB, "You may not do that"],
  ]);
  expect([acted.length, notice.edits]).toEqual([0, 0]);
});

test("a link's button is acknowledged, and nothing else", async () => {
  const { slack, acted, notice } = await asking();
  await slack.person(ANN).press(notice, "Docs");
  await slack.person(ANN).press(notice, "Yes");
  await waitFor(() => acted.length === 1);
  expect(whispers({ slack })).toEqual([]);
});

test("a connection that Slack renews, or that breaks, is replaced, and there is never more than one", async () => {
  const { slack, acted, answer, notice } = await asking();
  answer(() => ({ isDone: false, text: "no" }));
  for (const end of [() => slack.socket.disconnect("refresh_requested"), slack.socket.drop]) {
    const before = slack.socket.count();
    end();
    await waitFor(() => slack.socket.count() > before && slack.socket.connected() === 1, { timeoutMs: 20_000 });
    const presses = acted.length;
    await slack.person(ANN).press(notice, "Yes");
    await waitFor(() => acted.length === presses + 1);
  }
  expect(slack.socket.most()).toBe(1);
}, 60_000);

test("calls and the socket go through the user's proxy, with the user's certificates", async () => {
  const slack = await fakeSlack({ tls: true });
  const proxy = await proxyServer({ port: slack.port });
  const env = () => ({ HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: CA_FILE });
  const desk = await testDesk(acting(slack), { slack, context: { env } });
  const { acted } = await listening(desk);
  await desk.notifier.notify(sampleEvent());
  await slack.person(ANN).reply(slack.messages()[0] as SlackMessage, "go on");
  await waitFor(() => acted.length === 1);
  expect(new Set(proxy.asked.map(({ target }) => target))).toEqual(new Set(["api.example.com:443"]));
});

test("an outage is sat out", async () => {
  const { slack, acted, notice } = await asking();
  const before = slack.calls("apps.connections.open").length;
  slack.world.faults = ({ method }, count) =>
    method !== "apps.connections.open"
      ? null
      : count === before
        ? { kind: "status", status: 503 }
        : count === before + 1
          ? { kind: "limited", seconds: 1 }
          : null;
  slack.socket.drop();
  await waitFor(() => slack.socket.connected() === 1, { timeoutMs: 30_000 });
  await slack.person(ANN).press(notice, "Yes");
  await waitFor(() => acted.length === 1);
  expect(slack.calls("apps.connections.open").length).toBeGreaterThanOrEqual(before + 3);
}, 60_000);

test("a value that comes back as Slack writes texts is the same value", async () => {
  const { slack, acted, notice } = await asking();
  const press = slack.person(ANN).pressed(notice, "Yes");
  const [first] = press.payload.actions as { value: string }[];
  const escaped = { ...first, value: first?.value.replaceAll("&", "&amp;") };
  await slack.socket.send({ ...press, payload: { ...press.payload, actions: [escaped] } });
  await waitFor(() => acted.length === 1);
  expect(acted[0]?.endpoint).toBe(first?.value);
});

test("the same envelope again acts once", async () => {
  const { slack, acted, answer, notice, root } = await asking();
  answer(() => ({ isDone: false, text: "no" }));
  const press = slack.person(ANN).pressed(notice, "Yes");
  const reply = slack.person(ANN).replied(root, "go on");
  for (let count = 0; count < 3; count++) {
    await slack.socket.send({ ...press, retry_attempt: count });
    await slack.socket.send({ ...reply, retry_attempt: count, payload: { ...reply.payload, event_id: `Ev${count}` } });
  }
  await slack.person(ANN).press(notice, "Yes");
  await waitFor(() => acted.length === 3);
  expect(new Set(acted.map(({ id }) => id)).size).toBe(3);
});

test.each<[string, (slack: FakeSlack) => object, RegExp]>([
  ["is bad", () => ({ appToken: "xapp-bad" }), /`appToken`: Slack does not accept the token/],
  [
    "lacks its scope",
    ({ world }) => {
      world.appScopes.clear();
      return {};
    },
    /`appToken` lacks the scope connections:write/,
  ],
])("it can't listen with an app-level token that %s", async (_what, spoil, text) => {
  const slack = await fakeSlack();
  const { notifier } = await testDesk({ ...acting(slack), ...spoil(slack) }, { slack });
  const ended = notifier.listen?.(async () => ({ isDone: true, text: "" }), { signal: new AbortController().signal });
  await expect(ended).rejects.toMatchObject({
    ...{
      code: "UNAVAILABLE",
      message: expect.stringMatching(text),
      hint: expect.stringContaining("connections:write"),
    },
  });
  expect(slack.socket.count()).toBe(0);
});

test("it can't listen when Socket Mode is turned off", async () => {
  const { slack, ended } = await asking();
  slack.socket.disconnect("link_disabled");
  await expect(ended).rejects.toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining("turned off") });
});

test("without an app-level token it does not listen, and when it is stopped, its socket is closed", async () => {
  const { notifier } = await testDesk();
  expect(notifier.listen).toBeUndefined();
  const { slack, stop, ended } = await asking();
  stop.abort();
  await ended;
  await waitFor(() => slack.socket.connected() === 0);
  expect(slack.socket.count()).toBe(1);
});

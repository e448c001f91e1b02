import { sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { CA_FILE } from "@agent-orchestrator/testkit/faulty-server";
import { proxyServer } from "@agent-orchestrator/testkit/proxy-server";
import { type FakeSlack, fakeSlack } from "@agent-orchestrator/testkit/slack/server";
import type { SlackMessage } from "@agent-orchestrator/testkit/slack/world";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { asking } from "./testing/asking.ts";
import { ANN, acting, listening, testDesk } from "./testing/desk.ts";

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

test("a message that Slack's own client does not understand is logged, and the socket goes on", async () => {
  const { slack, acted, notice, lines } = await asking();
  slack.socket.send({ type: "events_api", payload: {} }).catch(() => undefined); // It is not acknowledged.
  await waitFor(() => lines.some((line) => line.includes("was not understood")));
  await slack.person(ANN).press(notice, "Yes");
  await waitFor(() => acted.length === 1);
  expect(slack.socket.count()).toBe(1);
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

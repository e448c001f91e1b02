import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import type { FakeSlack } from "@agent-orchestrator/testkit/slack/server";
import { ALL_SCOPES } from "@agent-orchestrator/testkit/slack/world";
import { expect, test } from "vitest";
import { acting, testDesk } from "./testing/desk.ts";

const without =
  (...scopes: string[]) =>
  ({ world }: FakeSlack) => {
    for (const scope of scopes) world.scopes.delete(scope);
  };
const token = (fault: string) => (slack: FakeSlack) => {
  slack.world.tokenFault = fault;
};

test.each<[string, Record<string, unknown>, (slack: FakeSlack) => void, RegExp, RegExp]>([
  [
    "a missing chat:write",
    {},
    without("chat:write"),
    /^the app lacks the scope chat:write \(to write\)$/,
    /Add it under OAuth/,
  ],
  ["a missing history scope", {}, without("channels:history"), /scope channels:history \(to find out/, /Add it/],
  [
    "a missing history scope of a private channel",
    { channel: "secret" },
    without("groups:history"),
    /scope groups:history/,
    /Add/,
  ],
  [
    "no scope to find a channel by its name",
    {},
    without("channels:read", "groups:read"),
    /channels:read \(to find/,
    /Add it/,
  ],
  [
    "no scope to find a private one by its name",
    { channel: "secret" },
    without("groups:read"),
    /can see no channel #secret/,
    /groups:read/,
  ],
  [
    "several scopes, one by one",
    {},
    without("chat:write", "channels:history"),
    /scope chat:write .*; the app lacks the scope channels:history/,
    /Add it/,
  ],
  ["a channel that isn't there", { channel: "#nowhere" }, () => undefined, /no channel #nowhere/, /Check `channel`/],
  ["an id that isn't there", { channel: "C0NOWHERE" }, () => undefined, /no such channel.*channel_not_found/, /invite/],
  ["a private channel without the bot", { channel: "hidden" }, () => undefined, /no channel #hidden/, /invite/],
  ["a public channel without the bot", { channel: "other" }, () => undefined, /the bot is not in #other/, /invite/],
  ["an archived channel", { channel: "old" }, () => undefined, /#old is archived/, /another/],
  [
    "a bad token",
    { token: "xoxb-bad" },
    () => undefined,
    /does not accept the token \(invalid_auth\)/,
    /Copy the bot token/,
  ],
  ["a revoked token", {}, token("token_revoked"), /the token was revoked/, /Copy the bot token/],
  ["an expired token", {}, token("token_expired"), /the token has expired/, /Copy the bot token/],
  ["a token of a deleted app", {}, token("account_inactive"), /does not accept the token/, /Copy the bot token/],
])("check names %s", async (...[, options, spoil, text, hint]) => {
  const { slack, notifier } = await testDesk(options);
  spoil(slack);
  const report = await notifier.check?.();
  expect(report).toMatchObject({ ok: false, text: expect.stringMatching(text), hint: expect.stringMatching(hint) });
  expect(slack.messages()).toEqual([]);
});

test.each<[string, Record<string, unknown>, (slack: FakeSlack) => void, RegExp]>([
  [
    "without connections:write",
    {},
    ({ world }) => world.appScopes.clear(),
    /app-level token lacks the scope connections:write/,
  ],
  ["that is bad", { appToken: "xapp-bad" }, () => undefined, /`appToken`: Slack does not accept the token/],
])("check names an app-level token %s", async (...[, options, spoil, text]) => {
  const { slack, restarted } = await testDesk();
  spoil(slack);
  const report = await restarted({ ...acting(slack), ...options }).check?.();
  expect(report).toMatchObject({ ok: false, text: expect.stringMatching(text) });
});

test("the app manifest in the docs has the scopes that are needed, and nothing else", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/slots/notifier-slack.md"), "utf8");
  const manifest = page.slice(page.indexOf("display_information:"), page.indexOf("token_rotation_enabled"));
  const listed = [...manifest.matchAll(/^ +- (\S+)$/gm)].map(([, item]) => item);
  expect(listed.sort()).toEqual([...ALL_SCOPES, "message.channels", "message.groups"].sort());
  expect(manifest).toContain("socket_mode_enabled: true");
});

test("check says where notices go, and opens no socket", async () => {
  const { slack, notifier, restarted } = await testDesk();
  expect(await notifier.check?.()).toEqual({
    ok: true,
    text: "notifications in #agents of Acme, without buttons that act",
  });
  const acts = await restarted(acting(slack)).check?.();
  expect(acts).toEqual({ ok: true, text: "notifications in #agents of Acme, with buttons for 2 people" });
  expect(await restarted({ channel: "G0SECRET" }).check?.()).toMatchObject({ ok: true });
  without("channels:read", "groups:read")(slack);
  expect(await restarted({ channel: "C0AGENTS" }).check?.()).toMatchObject({ ok: true });
  expect([slack.socket.count(), slack.messages().length]).toEqual([0, 0]);
});

test.each<[string, (slack: FakeSlack) => void, object]>([
  ["a missing scope", without("chat:write"), { code: "UNAVAILABLE", message: "the app lacks the scope chat:write" }],
  [
    "a revoked token",
    token("token_revoked"),
    { code: "UNAVAILABLE", message: "the token was revoked (token_revoked)" },
  ],
  [
    "a limit",
    ({ world }) => {
      world.faults = ({ method }) => (method === "chat.postMessage" ? { kind: "limited", seconds: 17 } : null);
    },
    { code: "TRY_AGAIN", details: { retryAfterMs: 17_000 } },
  ],
  [
    "a server that fails",
    ({ world }) => {
      world.faults = ({ method }) => (method === "chat.postMessage" ? { kind: "status", status: 503 } : null);
    },
    { code: "UNREACHABLE", details: { status: 503, retryAfterMs: 2_000 } },
  ],
  [
    "a message that will never be taken",
    ({ world }) => {
      world.faults = ({ method }) => (method === "chat.postMessage" ? { kind: "error", error: "msg_too_long" } : null);
    },
    { code: "UNAVAILABLE", details: { isFinal: true } },
  ],
])("a notice meets %s", async (_what, spoil, error) => {
  const { slack, notifier } = await testDesk();
  spoil(slack);
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({ hint: expect.any(String), ...error });
});

test("while Slack asks to wait, nothing is sent to it", async () => {
  const { slack, notifier } = await testDesk();
  slack.world.faults = ({ method }) => (method === "chat.postMessage" ? { kind: "limited", seconds: 60 } : null);
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({ code: "TRY_AGAIN" });
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({
    ...{ code: "TRY_AGAIN", details: { retryAfterMs: expect.any(Number) } },
  });
  expect(slack.calls("chat.postMessage")).toHaveLength(1);
});

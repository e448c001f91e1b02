import type { WebClient } from "@slack/web-api";
import { createEmulator } from "emulate";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../../free-port.ts";
import { fakeSlack } from "../server.ts";
import { client } from "./client.ts";

/** The same calls on both servers. Each step keeps only what does not depend on ids, times and addresses. */
async function story(client: WebClient): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  const codeOf = (call: Promise<{ ok: boolean }>) =>
    call.then(
      ({ ok }) => ok,
      (error: { data?: { error?: string } }) => error.data?.error ?? String(error),
    );
  seen.who = (await client.auth.test()).ok;
  const { channels = [] } = await client.conversations.list({ types: "public_channel", limit: 200 });
  const found = channels.find(({ name }) => name === "agents");
  const channel = found?.id ?? "";
  seen.channel = [found?.is_private, found?.is_archived];
  seen.info = (await client.conversations.info({ channel })).channel?.name;
  const root = await client.chat.postMessage({ channel, text: "first" });
  seen.root = [root.ok, root.channel === channel, /^\d{10}\.\d{6}$/.test(root.ts ?? ""), root.message?.text];
  const thread = root.ts ?? "";
  const reply = await client.chat.postMessage({ channel, text: "second &amp; &lt;third&gt;", thread_ts: thread });
  seen.reply = [reply.message?.thread_ts === thread, (reply.ts ?? "") > thread];
  await client.chat.postMessage({ channel, text: "other" });
  const changed = await client.chat.update({ channel, ts: thread, text: "changed" });
  seen.changed = [changed.ok, changed.ts === thread, changed.text];
  const { messages: history = [] } = await client.conversations.history({ channel });
  seen.history = history.map(({ text }) => text).filter((text) => text === "other" || text === "changed");
  seen.edited = history.find(({ ts }) => ts === thread)?.edited !== undefined;
  const { messages: replies = [] } = await client.conversations.replies({ channel, ts: thread });
  seen.replies = replies.map(({ text, thread_ts: of }) => [text, of === thread]);
  const later = await client.conversations.replies({ channel, ts: thread, oldest: thread, limit: 10 });
  seen.later = later.messages?.map(({ text }) => text).at(-1);
  seen.page = (await client.conversations.history({ channel, limit: 1 })).messages?.length;
  seen.unknown = [
    await codeOf(client.chat.update({ channel, ts: "1.000001", text: "x" })),
    await codeOf(client.chat.postMessage({ channel: "C0NOWHERE", text: "x" })),
    await codeOf(client.chat.postMessage({ channel, text: "" })),
    await codeOf(client.conversations.info({ channel: "C0NOWHERE" })),
    await codeOf(client.conversations.history({ channel: "C0NOWHERE" })),
  ];
  return seen;
}

test("the Web API answers here as the independent emulator answers", async () => {
  const slack = await fakeSlack();
  const ours = await story(client(slack.world.token, slack.apiUrl));
  const emulator = await createEmulator({
    service: "slack",
    port: await freePort(),
    seed: {
      tokens: { "xoxb-bot": { login: "ao", scopes: [] } },
      slack: { team: { name: "Acme", domain: "acme" }, users: [{ name: "ao" }], channels: [{ name: "agents" }] },
    },
  });
  onTestFinished(() => emulator.close());
  const theirs = await story(client("xoxb-bot", `${emulator.url}/api/`));
  // The documentation shows the thread's own id in its first message too.
  expect([ours.replies, theirs.replies]).toMatchObject([
    [["changed", true], {}],
    [["changed", false], {}],
  ]);
  expect({ ...ours, replies: 0 }).toEqual({ ...theirs, replies: 0 });
});

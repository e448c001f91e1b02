import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { SocketModeClient } from "@slack/socket-mode";
import { expect, onTestFinished, test } from "vitest";
import { waitFor } from "../../wait-for.ts";
import { blockFaults, LIMITS } from "../block-kit.ts";
import { fakeSlack } from "../server.ts";
import { client as connect, SILENT } from "./client.ts";

const types = join(dirname(createRequire(import.meta.url).resolve("@slack/types")), "block-kit");

/** The largest number in what Slack's own types say of a member. */
function documented(file: string, owner: string, member: string): number {
  const source = readFileSync(join(types, `${file}.d.ts`), "utf8");
  const body = source.slice(source.search(new RegExp(`export interface ${owner}\\b`)));
  const found =
    new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*${member}\\??:`).exec(body.slice(0, body.indexOf("\n}")))?.[1] ??
    "";
  const numbers = [...found.matchAll(/\b(\d[\d,]*) (?:characters|elements)|\bis (\d[\d,]*)\b/g)];
  return Math.max(...numbers.map(([, before, after]) => Number((before ?? after ?? "").replaceAll(",", ""))));
}

test.each([
  ["header", "blocks", "HeaderBlock", "text"],
  ["sectionText", "blocks", "SectionBlock", "text"],
  ["fields", "blocks", "SectionBlock", "fields", LIMITS.fieldText],
  ["actions", "blocks", "ActionsBlock", "elements"],
  ["context", "blocks", "ContextBlock", "elements"],
  ["blockId", "blocks", "Block", "block_id"],
  ["buttonText", "block-elements", "Button", "text"],
  ["buttonValue", "block-elements", "Button", "value"],
  ["buttonUrl", "block-elements", "Button", "url"],
  ["actionId", "extensions", "Action", "action_id"],
  ["confirmTitle", "composition-objects", "Confirm", "title"],
  ["confirmText", "composition-objects", "Confirm", "text"],
  ["confirmButton", "composition-objects", "Confirm", "confirm"],
  ["contextText", "composition-objects", "MrkdwnElement", "text"],
] as const)("the limit `%s` is the one that Slack's types document", (...[name, file, owner, member, largest]) => {
  expect(documented(file, owner, member)).toBe(largest ?? LIMITS[name]);
});

const text = (length: number, type = "plain_text") => ({ type, text: "x".repeat(length) });
const button = (more: object = {}) => ({ type: "button", action_id: "a", text: text(1), ...more });
const actions = (...elements: object[]) => [{ type: "actions", elements }];

test.each<[string, unknown, RegExp | null]>([
  ["fifty blocks", Array.from({ length: 50 }, () => ({ type: "divider" })), null],
  ["fifty-one blocks", Array.from({ length: 51 }, () => ({ type: "divider" })), /no more than 50/],
  ["a long header", [{ type: "header", text: text(151) }], /less than 151/],
  ["a header in mrkdwn", [{ type: "header", text: text(1, "mrkdwn") }], /unsupported type of text/],
  ["a long section", [{ type: "section", text: text(3_001, "mrkdwn") }], /less than 3001/],
  ["an empty section", [{ type: "section", text: text(0) }], /more than 0/],
  ["a section without text", [{ type: "section" }], /missing required field/],
  ["emoji in mrkdwn", [{ type: "section", text: { ...text(1, "mrkdwn"), emoji: true } }], /emoji is not allowed/],
  ["verbatim in plain text", [{ type: "section", text: { ...text(1), verbatim: true } }], /verbatim is not allowed/],
  ["25 buttons", actions(...Array.from({ length: 25 }, (_, at) => button({ action_id: `a${at}` }))), null],
  ["26 buttons", actions(...Array.from({ length: 26 }, (_, at) => button({ action_id: `a${at}` }))), /no more than 25/],
  ["no buttons", actions(), /at least one/],
  ["the same button twice", actions(button(), button()), /action_id is used twice/],
  ["the same block twice", ["a", "a"].map((id) => ({ type: "divider", block_id: id })), /block_id is used twice/],
  ["a long label", actions(button({ text: text(76) })), /less than 76/],
  ["a long value", actions(button({ value: "x".repeat(2_001) })), /less than 2001/],
  ["a link to a script", actions(button({ url: "javascript:alert(1)" })), /invalid url/],
  ["a disabled button", actions(button({ disabled: true })), /unknown field: disabled/],
  [
    "eleven texts in a context",
    [{ type: "context", elements: Array.from({ length: 11 }, () => text(1)) }],
    /no more than 10/,
  ],
  ["a block of no kind", [{ type: "banner" }], /unsupported type: banner/],
])("blocks are checked: %s", async (_what, blocks, fault) => {
  const faults = blockFaults(blocks);
  if (fault === null) return expect(faults).toEqual([]);
  expect(faults.join("; ")).toMatch(fault);
  const { world, apiUrl } = await fakeSlack();
  const client = connect(world.token, apiUrl);
  const post = client.chat.postMessage({ channel: "C0AGENTS", text: "x", blocks: blocks as [] });
  await expect(post).rejects.toMatchObject({ data: { error: "invalid_blocks" } });
});

test("Slack's own client understands its faults", async () => {
  const { world, apiUrl } = await fakeSlack();
  const client = connect(world.token, apiUrl);
  const post = () => client.chat.postMessage({ channel: "C0AGENTS", text: "x" });
  world.scopes.delete("chat:write");
  await expect(post()).rejects.toMatchObject({ data: { error: "missing_scope", needed: "chat:write" } });
  world.faults = () => ({ kind: "limited", seconds: 3 });
  await expect(post()).rejects.toMatchObject({ retryAfter: 3 });
  world.faults = () => ({ kind: "status", status: 500 });
  await expect(post()).rejects.toMatchObject({ statusCode: 500 });
  world.faults = () => null;
  expect((await client.auth.test()).response_metadata?.scopes).toEqual([...world.scopes]);
});

test("Slack's own socket client gets what people do, and a ticket is good once", async () => {
  const { world, apiUrl, socket, person } = await fakeSlack();
  const seen: unknown[] = [];
  const client = new SocketModeClient({
    ...{ appToken: world.appToken, autoReconnectEnabled: false, logger: SILENT },
    clientOptions: { slackApiUrl: apiUrl },
  });
  onTestFinished(() => client.disconnect());
  client.on("message", ({ ack, event }: { ack(): Promise<void>; event: { text: string } }) => {
    seen.push(event.text);
    void ack();
  });
  await client.start();
  expect(await person("U01ANN").reply(null, "hello")).toBeLessThan(3_000);
  await waitFor(() => seen.length === 1);
  expect([seen, socket.connected(), world.messages.length]).toEqual([["hello"], 1, 1]);
});

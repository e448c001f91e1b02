import type { NotificationDocument } from "@agent-orchestrator/core/model/notification";
import { cleanForTerminal } from "@agent-orchestrator/core/model/text";
import { documentOf } from "@agent-orchestrator/plugin-kit/notice";
import { sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import {
  HOSTILE_TEXTS as HOSTILE,
  LIVE_TEXT as LIVE,
  LONG_UNITS,
  textsOf,
  withoutJoiners,
} from "@agent-orchestrator/testkit/hostile-texts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Wire } from "./format.ts";
import { FORMAT_NAMES, FORMATS, type FormatName } from "./formats.ts";

const TARGET = { url: "https://service.example.com/x/topic", token: "123:token", chat: 42 };
const PR = "https://github.com/acme/app/pull/7";
/** Addresses of the formats themselves. */
const OWN = [PR, "http://adaptivecards.io/schemas/adaptive-card.json"];

/** The hostile text in every place that a stranger can write to. */
function hostileNotice(text: string): NotificationDocument {
  const question = {
    ...{ dialogId: "d", kind: "question", text, choices: [text, `No. ${text}`], takesText: true, canAlways: false },
    onlyInTerminal: null,
  };
  const data = { question, pr: 7, url: PR, session: { title: text, agent: "a", branch: text, issueUrl: null } };
  const event = sampleEvent({ sessionId: text, projectId: text, type: `x.${text}`, message: text, data });
  return documentOf(event, [{ label: text, url: `javascript:alert(1)` }]);
}

const bodyOf = (wire: Wire) => JSON.parse(wire.body) as Record<string, unknown>;

/** What a person sees of a format, as plain text, with our own frames taken away. Throws if markup is left that is not ours. */
const SHOWN: Record<Exclude<FormatName, "json">, (body: Record<string, unknown>) => string[]> = {
  slack(body) {
    const { text, blocks } = body as { text: string; blocks: { text: { type: string; text: string } }[] };
    expect(text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
    const links = blocks.filter((block) => block.text.type === "mrkdwn").map((block) => block.text);
    expect(links).toEqual([{ type: "mrkdwn", text: `<${PR}|Pull request #\u20607>`, verbatim: true }]);
    return [text, ...blocks.filter((block) => block.text.type === "plain_text").map((block) => block.text.text)];
  },
  discord(body) {
    expect(body.allowed_mentions).toEqual({ parse: [] });
    const [first = "", ...rest] = String(body.content).split("\n");
    const lines = [first.replace(/^\*\*(.*)\*\*$/, "$1"), ...rest.filter((line) => !line.endsWith(`](<${PR}>)`))];
    expect(rest.length - lines.length).toBe(0);
    // What is not escaped must not be punctuation at all.
    for (const line of lines) expect(line.replace(/\\[!-/:-@[-`{-~]/g, ""), line).not.toMatch(/[!-/:-@[-`{-~]/);
    return lines.map((line) => line.replace(/\\([!-/:-@[-`{-~])/g, "$1"));
  },
  telegram(body) {
    const { text, entities } = body as {
      text: string;
      entities: { type: string; offset: number; length: number; url?: string }[];
    };
    expect(body).not.toHaveProperty("parse_mode");
    const rest = [...text];
    expect(rest.join("")).toBe(text);
    let outside = text;
    for (const { offset, length } of [...entities].reverse())
      outside = outside.slice(0, offset) + outside.slice(offset + length);
    expect(outside).toMatch(/^\n*$/);
    expect(entities.flatMap(({ url }) => url ?? [])).toEqual([PR]);
    return entities.map(({ offset, length }) => text.slice(offset, offset + length));
  },
  ntfy(body) {
    expect([body.markdown, body.click]).toEqual([false, PR]);
    expect(body.actions).toEqual([{ action: "view", label: "Pull request #7", url: PR }]);
    return [String(body.title), String(body.message)];
  },
  gotify(body) {
    expect(body.extras).toEqual({
      "client::display": { contentType: "text/plain" },
      "client::notification": { click: { url: PR } },
    });
    return [String(body.title), String(body.message).replace(`Pull request #7: ${PR}`, "")];
  },
  teams(body) {
    const [{ content }] = body.attachments as [{ content: { body: object[]; actions: object[] } }];
    expect(content.actions).toEqual([{ type: "Action.OpenUrl", title: "Pull request #7", url: PR }]);
    for (const block of content.body) {
      expect(block).toMatchObject({ type: "RichTextBlock", inlines: [{ type: "TextRun" }] });
    }
    return textsOf(content.body.map((block) => (block as { inlines: [{ text: string }] }).inlines[0].text));
  },
};

function expectInert(name: FormatName, notice: NotificationDocument): void {
  const { data: _facts, ...body } = bodyOf(FORMATS[name](notice, TARGET));
  if (name === "json") {
    for (const text of textsOf(body)) expect(cleanForTerminal(text)).toBe(text);
    expect(body).toMatchObject({ command: null, links: [{ url: PR }] });
    return;
  }
  for (const text of textsOf(body)) {
    expect(cleanForTerminal(withoutJoiners(text)), text).toBe(withoutJoiners(text));
    expect(text.isWellFormed()).toBe(true);
  }
  for (const shown of SHOWN[name](body)) {
    for (const [what, pattern] of Object.entries(LIVE)) expect(shown, what).not.toMatch(pattern);
  }
}

describe.each(FORMAT_NAMES)("%s", (name) => {
  test.each(Object.entries(HOSTILE))("nothing in a stranger's text works: %s", (_what, hostile) => {
    const notice = hostileNotice(hostile);
    expectInert(name, notice);
    expectInert(name, { ...notice, data: { notices: [{ message: hostile }, { message: `2 ${hostile}` }, {}, null] } });
  });

  test("no address but ours is in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), fc.constantFrom(...Object.values(HOSTILE)), (a, b) => {
        const { data: _facts, ...notice } = hostileNotice(`${a}${b}${a}`);
        const wire = FORMATS[name]({ ...notice, data: {} }, TARGET);
        if (name === "json") return;
        const found = [...wire.body.matchAll(/[a-z]+:\/\/[^"|>\\ ]+/gi)].map(([address]) => address);
        expect(found.filter((address) => !OWN.includes(address))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test.each(LONG_UNITS)("texts of any length are within the documented limits: %s", (_what, unit) => {
    const notice = hostileNotice(unit.repeat(20_000));
    const notices = Array.from({ length: 100 }, () => ({ message: unit.repeat(1_000) }));
    for (const one of [notice, { ...notice, data: { notices } }]) {
      const wire = FORMATS[name](one, TARGET);
      expectWithinLimits(name, bodyOf(wire), wire);
    }
  });

  test("an event without session, question or links can be sent", () => {
    const wire = FORMATS[name](documentOf(sampleEvent({ message: "", sessionId: null, projectId: null })), TARGET);
    expectWithinLimits(name, bodyOf(wire), wire);
  });

  test("the question, its choices, the command and the link are in it", () => {
    const question = {
      ...{ dialogId: "d", kind: "permission", text: "Run the migration", choices: ["Yes", "No use a copy"] },
      ...{ takesText: false, canAlways: false, onlyInTerminal: null },
    };
    const wire = FORMATS[name](documentOf(sampleEvent({ data: { question, pr: 7, url: PR } })), TARGET);
    const whole = textsOf(bodyOf(wire)).join("\n");
    for (const part of ["app-1 asks a question", "Run the migration", "Yes", "No use a copy", "ao answer app-1", PR]) {
      expect(whole.replaceAll("\\", "")).toContain(part);
    }
  });

  test("of several notices in one, as many as fit are lines of their own, and none is lost that does", () => {
    const count = name === "discord" ? 15 : 30;
    const messages = Array.from({ length: count }, (_, index) => `app-${index} asks: may I use port 3000${index}?`);
    const notices = messages.map((message) => ({ type: "session.needs_input", message, data: {} }));
    const message = `${count} sessions need you: ${messages.join(" · ")}`;
    const wire = FORMATS[name](documentOf(sampleEvent({ message, data: { notices } })), TARGET);
    const whole = withoutJoiners(textsOf(bodyOf(wire)).join("\n")).replaceAll("\\", "");
    for (const part of [...messages, `${count} sessions need you`, "ao status"]) expect(whole).toContain(part);
    const many = { notices: Array.from({ length: 500 }, () => notices).flat() };
    const large = FORMATS[name]({ ...documentOf(sampleEvent({ message })), data: many }, TARGET);
    expectWithinLimits(name, bodyOf(large), large);
  });

  test("a page that only this machine can open is no link on a phone", () => {
    const data = { url: "http://127.0.0.1:3000/sessions/app-1" };
    const { body } = FORMATS[name](documentOf(sampleEvent({ data })), TARGET);
    if (name !== "json") expect(body).not.toContain("127.0.0.1");
  });
});

/** By the documentation that each format names. */
function expectWithinLimits(name: FormatName, body: Record<string, unknown>, wire: Wire): void {
  switch (name) {
    case "json":
      return;
    case "slack": {
      const { blocks } = body as { blocks: { type: string; text: { text: string } }[] };
      expect(blocks.length).toBeLessThanOrEqual(50);
      for (const { type, text } of blocks) {
        expect(text.text.length).toBeGreaterThan(0);
        expect(text.text.length).toBeLessThanOrEqual(type === "header" ? 150 : 3_000);
      }
      return;
    }
    case "discord":
      expect(String(body.content).length).toBeLessThanOrEqual(2_000);
      return;
    case "telegram":
      expect(String(body.text).length).toBeLessThanOrEqual(4_096);
      return;
    case "ntfy":
      expect(Buffer.byteLength(String(body.message))).toBeLessThanOrEqual(4_096);
      expect(Buffer.byteLength(String(body.title))).toBeLessThanOrEqual(250);
      return;
    case "gotify":
      expect(String(body.message)).not.toBe("");
      return;
    case "teams":
      expect(Buffer.byteLength(wire.body)).toBeLessThanOrEqual(28_000);
  }
}

test.each<[FormatName, string, string, Record<string, string>]>([
  ["slack", "https://hooks.slack.com/services/T/B/x", "https://hooks.slack.com/services/T/B/x", {}],
  ["discord", "https://discord.com/api/webhooks/1/x", "https://discord.com/api/webhooks/1/x?wait=true", {}],
  [
    "discord",
    "https://discord.com/api/webhooks/1/x?thread_id=5",
    "https://discord.com/api/webhooks/1/x?thread_id=5&wait=true",
    {},
  ],
  ["telegram", "https://api.telegram.org", "https://api.telegram.org/bot123:token/sendMessage", {}],
  ["ntfy", "https://ntfy.sh/mine", "https://ntfy.sh/", { authorization: "Bearer 123:token" }],
  [
    "gotify",
    "https://push.example.com/gotify/",
    "https://push.example.com/gotify/message",
    { "x-gotify-key": "123:token" },
  ],
  ["gotify", "https://push.example.com/message", "https://push.example.com/message", {}],
  ["teams", "https://x.logic.azure.com/workflows/1?sig=2", "https://x.logic.azure.com/workflows/1?sig=2", {}],
])("%s: a notice for %s goes to %s", (...[name, url, expected, headers]) => {
  const wire = FORMATS[name](documentOf(sampleEvent()), { ...TARGET, url });
  expect(wire.url).toBe(expected);
  expect(wire.headers).toMatchObject({ "content-type": "application/json", ...headers });
});

import { documentOf } from "@agent-orchestrator/plugin-kit/notice";
import { sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { HOSTILE_TEXTS as HOSTILE, LIVE_TEXT as LIVE, textsOf } from "@agent-orchestrator/testkit/hostile-texts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { create } from "./index.ts";
import { parseOptions } from "./options.ts";
import { filled, MEMBER_NAMES, READINGS, type Template } from "./template.ts";
import { OPTIONS } from "./testing/notifier.ts";

const PR = "https://github.com/acme/app/pull/7";
const asked = (text: string, choices: string[]) => ({
  ...{ dialogId: "d", kind: "question", text, choices, takesText: true, canAlways: false, onlyInTerminal: null },
});
const notice = documentOf(
  sampleEvent({ data: { question: asked("Run it?", ["Yes", "No, use a copy"]), pr: 7, url: PR } }),
);
const EVERYTHING: Template = Object.fromEntries(MEMBER_NAMES.map((name) => [name, `{{${name}}}`]));

test("each member is filled in wherever it is named, and everything else stays", () => {
  const template: Template = {
    text: "{{title}} ({{ priority }}): {{question}}\n{{choices}}",
    blocks: [{ type: "section", n: 1, on: true, none: null, deep: [["{{command}}", "{{url}}"]] }, "{{sessionId}} {{ x"],
  };
  expect(filled(template, notice, "plain")).toEqual({
    text: "app-1 asks a question (urgent): Run it?\n1. Yes\n2. No, use a copy",
    blocks: [{ type: "section", n: 1, on: true, none: null, deep: [["ao answer app-1", PR]] }, "app-1 {{ x"],
  });
  const bare = documentOf(sampleEvent({ sessionId: null, projectId: null, message: "" }));
  expect(filled(["{{sessionId}}", "{{message}}", "{{url}}", "{{command}}"], bare, "plain")).toEqual(["", "", "", ""]);
});

test("a value is never read as a template or as structure", () => {
  const words = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom('"},{"a":"b', "{{title}}", "$&$1", "__proto__", "null"),
  );
  fc.assert(
    fc.property(words, fc.constantFrom(...READINGS), (text, reading) => {
      const hostile = { ...notice, title: `{{message}}${text}`, message: text };
      const found = filled({ a: "{{title}}", b: ["{{message}}"], c: { d: "x{{title}}y" } }, hostile, reading);
      expect(found).toEqual({ a: expect.any(String), b: [expect.any(String)], c: { d: expect.any(String) } });
      expect(String((found as { a: string }).a).replace(/[\\\u2060]|&#\d+;/g, "")).toContain("message");
    }),
  );
});

describe.each(READINGS)("text: %s", (reading) => {
  test.each(Object.entries(HOSTILE))("nothing in a stranger's text works: %s", (_what, text) => {
    const data = { question: asked(text, [text, `No. ${text}`]), pr: 7, url: `javascript:${text}`, because: text };
    const event = sampleEvent({ sessionId: text, projectId: text, type: `x.${text}`, message: text, data });
    const { id: _id, ts: _ts, ...values } = filled(EVERYTHING, documentOf(event), reading) as Record<string, string>;
    for (const value of textsOf(values)) {
      for (const [what, pattern] of Object.entries(LIVE)) expect(value.replaceAll("\\", ""), what).not.toMatch(pattern);
      expect(value).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      if (reading === "html") expect(value.replace(/&#\d+;/g, "")).not.toMatch(/[<>&"']/);
      if (reading === "markdown") expect(value.replace(/\\[!-/:-@[-`{-~]/g, "")).not.toMatch(/[!-/:-@[-`{-~]/);
    }
  });
});

const SECRET = "S3cret-S3cret";
test.each<[string, Record<string, unknown>, RegExp]>([
  ["no key", { apiKey: undefined }, /apiKey/],
  ["a key of two words", { apiKey: `${SECRET} x` }, /apiKey: must be visible ASCII/],
  ["a tool that is none", { tool: SECRET }, /tool: must be a tool's slug/],
  ["no version", { version: undefined }, /version/],
  ["the latest version, whatever it is", { version: "latest" }, /version: must be a version/],
  ["nobody's account", { userId: undefined, connectedAccountId: undefined }, /connectedAccountId: is missing/],
  [
    "a name that is no member",
    { arguments: { text: "{{data}} {{constructor}}" } },
    /arguments: may only name \{\{id\}\}/,
  ],
  ["a name in a key", { arguments: { "{{title}}": "x" } }, /arguments: may only name/],
  ["text instead of arguments", { arguments: SECRET }, /arguments/],
  ["plain http", { baseURL: `http://example.com/${SECRET}` }, /baseURL: must be an https address/],
  ["a user in the address", { baseURL: `https://a:${SECRET}@example.com/` }, /baseURL: must be an https address/],
  ["an unknown key", { toolkit: SECRET }, /toolkit: is unknown/],
])("%s is a config error that does not repeat the value", (_what, more, words) => {
  const options = { ...OPTIONS, ...more };
  expect(() => parseOptions(options)).toThrow(words);
  expect(() => parseOptions(options)).not.toThrow(new RegExp(SECRET));
  expect(() => parseOptions(options)).toThrow(expect.objectContaining({ code: "CONFIG" }));
});

test("a nest that is too deep is a config error, and the key is a secret of the manifest", () => {
  const deep = Array.from({ length: 12 }).reduce<Template>((inner) => [inner], "x");
  expect(() => parseOptions({ ...OPTIONS, arguments: { deep } })).toThrow(/nested deeper/);
  expect(() => create(OPTIONS)).toThrow("runs only inside ao");
});

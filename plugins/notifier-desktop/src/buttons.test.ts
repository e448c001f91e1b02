import { HOSTILE_WORDS, sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import fc from "fast-check";
import { expect, test } from "vitest";
import { buttonsOf, labelOf } from "./buttons.ts";
import { answer, desktop, OPEN, QUESTION } from "./testing/asking.ts";
import { missingForReal, notifierWith, recordingSend } from "./testing/desktop.ts";

test.skipIf(missingForReal() !== null)(
  "a server without buttons gets the command as text, and so does anybody who wants none",
  async () => {
    const plain = await desktop({ can: ["body"] });
    await plain.ask();
    expect(plain.last()).toMatchObject({ actions: {}, body: "Which database?\nao explain app-1" });
    const none = await desktop();
    await none.start({ buttons: false }).notifyWithActions?.(sampleEvent(), QUESTION);
    expect(none.last()).toMatchObject({ actions: {}, body: "Which database?\nao explain app-1" });
    const many = Array.from({ length: 20 }, (_, index) => ({ label: `${index}`, callbackEndpoint: answer(index + 1) }));
    await none.ask(many);
    expect(Object.keys(none.last().actions)).toHaveLength(8);
    expect(none.last().body).toContain("ao explain app-1");
  },
);

test("notify-send gets the command as text", async () => {
  const { env, calls } = recordingSend();
  await notifierWith(env).notifyWithActions?.(sampleEvent(), QUESTION);
  expect(calls()[0]?.slice(3)).toEqual(["app-1 asks a question", "Which database?\nao explain app-1"]);
});

test.each([HOSTILE_WORDS, "_File", "a & b", "", "\n", "x".repeat(5_000), "\ud83d", "<b>b</b>", "[1,default]"])(
  "a label of a stranger's is one short line without marks of shortcuts: %j",
  (text) => {
    expect(labelOf(text)).toMatch(/^[^_&\u0000-\u001f\u007f-\u009f\u202e]{1,40}$/);
  },
);

test("whatever the actions are, keys are ours and unique, and only addresses of the web and ao's own endpoints are pressed", () => {
  const anything = fc.record(
    {
      label: fc.string(),
      url: fc.oneof(fc.string(), fc.webUrl()),
      callbackEndpoint: fc.oneof(fc.string(), fc.constant(OPEN)),
    },
    { requiredKeys: ["label"] },
  );
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 20 }), (actions) => {
      const buttons = buttonsOf(actions);
      expect(new Set(buttons.map(({ key }) => key)).size).toBe(buttons.length);
      for (const { key, press } of buttons) {
        expect(key).toMatch(/^(default|b[1-8])$/);
        expect(press.kind === "url" ? press.url : "https://").toMatch(/^https?:\/\//);
        expect(press.kind === "act" ? press.endpoint : OPEN).toBe(OPEN);
      }
    }),
  );
});

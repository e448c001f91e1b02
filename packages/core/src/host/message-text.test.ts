import fc from "fast-check";
import { expect, test } from "vitest";
import { textKey } from "../decide/text.ts";
import { cleanMessage, describeLeftOut, leftOutOf } from "./message-text.ts";

test.each([
  ["a\u202eb", "ab", "1 character was left out: U+202E"],
  ["\ufeffa\u200bb\u200b", "ab", "3 characters were left out: U+FEFF, U+200B (2)"],
  ["co\u00adop\u2060erate", "cooperate", "2 characters were left out: U+00AD, U+2060"],
  ["a\u001b[31mb\u0007\u0000", "a[31mb", "3 characters were left out: U+001B, U+0007, U+0000"],
  ["a\ud800b\udc00", "ab", "2 characters were left out: U+D800, U+DC00"],
  ["\u{1f3f4}\u{e0067}\u{e007f}", "\u{1f3f4}", "2 characters were left out: U+E0067, U+E007F"],
  // A joiner that joins nothing is one more way to hide something.
  ["a\u200d b \u200cc", "a b c", "2 characters were left out: U+200D, U+200C"],
  ["👩\u200d\u202e🚀", "👩\u200d🚀", "1 character was left out: U+202E"],
])("of %j the agent gets %j", (text, clean, said) => {
  expect(cleanMessage(text)).toBe(clean);
  expect(describeLeftOut(leftOutOf(text))).toBe(said);
});

test.each([
  ["emoji with joiners", "👩‍👩‍👧‍👦 🏳️‍🌈 ❤️‍🔥 👩🏽‍🚀"],
  ["Persian", "می‌خواهم"],
  ["Hindi", "क्‍ष"],
  ["decomposed letters", "e\u0301 Å ṩ 각"],
  ["tabs and line feeds", "\tone\n\n\ttwo"],
  ["no-break and wide blanks", "a\u00a0b\u3000c"],
  ["private and unassigned characters", "\ue000 \u{f0000} \u0378"],
])("%s arrive unchanged", (_, text) => {
  expect(cleanMessage(text)).toBe(text);
  expect(leftOutOf(text)).toEqual([]);
});

test("line endings of all kinds become line feeds, and that loses nothing", () => {
  expect(cleanMessage("a\r\nb\rc\u2028d\u2029e")).toBe("a\nb\nc\nd\ne");
  expect(leftOutOf("a\r\nb\u2028c")).toEqual([]);
});

const anyText = fc.string({ unit: "binary", maxLength: 60 }).map((text) => text.replace(/x/g, "\u202e"));

test("whatever a message is: nothing hidden is left, all that is gone is counted, and the receipt is the same", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(anyText, fc.constantFrom("\u200d", "\u202e", "👩", "a", "\ud83d"))), (parts) => {
      const text = parts.join("");
      const clean = cleanMessage(text);
      expect(cleanMessage(clean)).toBe(clean);
      expect(clean.isWellFormed()).toBe(true);
      expect(clean).not.toMatch(
        /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069\ufeff\u00ad]/,
      );
      const gone = leftOutOf(text).reduce((sum, { count }) => sum + count, 0);
      const length = [...text.replace(/\r\n/g, "\n")].length;
      expect([...clean].length + gone).toBe(length);
      expect(textKey(clean)).toBe(textKey(text));
    }),
    { numRuns: 3_000 },
  );
});

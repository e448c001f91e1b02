import { describe, expect, test } from "vitest";
import type { OpenQuestion } from "../model/session-view.ts";
import { questionKey, resolveAnswer } from "./choice.ts";

const question = (changes: Partial<OpenQuestion> = {}): OpenQuestion => ({
  dialogId: "d1",
  kind: "permission",
  text: "May I?",
  choices: ["Yes, proceed (y)", "Yes, and don't ask again (p)", "No, and tell it what to do (esc)"],
  takesText: false,
  canAlways: false,
  onlyInTerminal: null,
  ...changes,
});
const resolve = (
  words: string,
  changes: Partial<OpenQuestion> = {},
  more: { isText?: boolean; isAlways?: boolean } = {},
) => resolveAnswer("app-1", question(changes), { words, isText: false, isAlways: false, ...more });

describe("an answer is", () => {
  test.each([
    ["1", {}, 1],
    [" 3 ", {}, 3],
    ["yes, PROCEED (y)", {}, 1],
    ["no", {}, 3],
    ["yes and", { choices: ["Yes", "Yes and always", "No"] }, 2],
    ["yes", { choices: ["Yes", "Yes and always", "No"] }, 1],
    ["4", { choices: ["2", "4"] }, 2],
  ] as const)("choice by %j", (words, changes, number) => {
    const found = resolve(words, {
      ...changes,
      choices: "choices" in changes ? [...changes.choices] : question().choices,
    });
    expect(found.number).toBe(number);
  });

  test("text, where the agent takes one and the words are no choice", () => {
    const own = { takesText: true, kind: "question" as const };
    expect(resolve("use the other\nfile", own)).toEqual({ choice: "use the other\nfile", number: null });
    expect(resolve("no", own).number).toBe(3);
    expect(resolve("no", own, { isText: true })).toEqual({ choice: "no", number: null });
    expect(resolve("9", { takesText: true, choices: [] })).toEqual({ choice: "9", number: null });
  });

  test("no text by mistake: a number that is no choice, and words to a permission, where a text would mean no", () => {
    const asked = { takesText: true, kind: "question" as const, choices: ["red", "blue"] };
    expect(() => resolve("3", asked)).toThrow("no such choice");
    expect(resolve("3", asked, { isText: true })).toEqual({ choice: "3", number: null });
    const permission = { takesText: true, choices: ["Allow once", "Reject"] };
    expect(catchError(() => resolve("yes", permission)).hint).toContain("or no, with words of your own: --text");
    expect(resolve("use the other file", permission, { isText: true }).number).toBeNull();
  });

  test("nothing that could be two", () => {
    expect(() => resolve("yes")).toThrow("fits several");
    expect(() => resolve("2", { choices: ["2", "1"] })).toThrow("fits several");
  });

  test.each(["", "  ", "0", "4", "y", "maybe"])("nothing that is no choice: %j", (words) => {
    const failed = catchError(() => resolve(words));
    expect(failed).toMatchObject({ code: "USAGE" });
    expect(failed.hint).toContain("1 Yes, proceed (y) · 2 Yes, and");
  });

  test("a permanent text", () => {
    const always = { isAlways: true };
    expect(
      catchError(() => resolve("use tabs", { canAlways: true, takesText: true }, { ...always, isText: true })),
    ).toMatchObject({
      code: "USAGE",
      message: expect.stringContaining("made permanent"),
    });
  });

  test.each([
    [{ onlyInTerminal: "it is the login" }, {}, "ao attach"],
    [{}, { isAlways: true }, "--always"],
  ])("refused where it cannot be given so", (changes, more, hint) => {
    expect(catchError(() => resolve("1", changes, more))).toMatchObject({
      code: "REFUSED",
      hint: expect.stringContaining(hint),
    });
  });
});

test("equal questions are those that are the same to the letter, and can be answered", () => {
  const key = questionKey(question());
  expect(questionKey(question({ dialogId: "d2" }))).toBe(key);
  for (const other of [{ text: "May I ?" }, { choices: ["Yes"] }, { kind: "question" as const }, { takesText: true }]) {
    expect(questionKey(question(other))).not.toBe(key);
  }
  expect(questionKey(question({ dialogId: null }))).toBeNull();
  const reported = { dialogId: null, kind: "report" as const, choices: [], takesText: true };
  expect(questionKey(question(reported))).toBe(questionKey(question(reported)));
  expect(questionKey(question(reported))).not.toBeNull();
  expect(questionKey(question({ onlyInTerminal: "x" }))).toBeNull();
});

function catchError(work: () => unknown): { code: string; hint: string } {
  try {
    work();
  } catch (error) {
    return error as { code: string; hint: string };
  }
  throw new Error("nothing was thrown");
}

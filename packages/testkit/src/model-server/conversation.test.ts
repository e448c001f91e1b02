import { describe, expect, test } from "vitest";
import { readPosition } from "./conversation.ts";

const user = (content: string) => ({ role: "user", content });
const called = { role: "assistant", content: "", tool_calls: [{}] };
const result = (content = "ok") => ({ role: "tool", content });
const said = { role: "assistant", content: "All done." };

const next = (messages: Parameters<typeof readPosition>[0]) => {
  const { step, stepNumber } = readPosition(messages);
  return step === null ? "echo" : `${stepNumber} ${step.call?.verb ?? "end"}`;
};

describe("the position of a conversation", () => {
  const script = user("%%sh a ;; %%sh b ;; %%say c");
  test.each([
    ["at the first step", [script], "0 sh"],
    ["one step further after each result of a tool", [script, called, result(), called, result()], "2 end"],
    ["at the last message that has a script", [script, called, result(), said, user("%%ask d?")], "0 ask"],
    ["still in the script when a message is put into the running turn", [script, called, result(), user("hm")], "1 sh"],
    [
      "past the script when the user writes after the last message",
      [script, called, result(), said, user("hm")],
      "echo",
    ],
    [
      "past a script that was interrupted",
      [script, called, result("[Request interrupted by user for tool use]"), user("hm")],
      "echo",
    ],
    ["outside a script if nothing was scripted", [user("hello")], "echo"],
  ])("%s", (_, messages, expected) => {
    expect(next(messages)).toBe(expected);
  });

  test("does not count what the program added as the user's text", () => {
    const messages = [
      user("<system-reminder>%%sh x</system-reminder>"),
      user("hello\n<system-reminder>y</system-reminder>"),
    ];
    expect(readPosition(messages)).toMatchObject({ users: ["hello"], step: null, echo: "hello" });
  });

  test("a system message in the middle of a turn counts as said, but the program's own first one does not", () => {
    const system = (content: string) => ({ role: "system", content });
    const messages = [system("You are an agent."), user("hello"), called, result(), system("urgent words")];
    expect(readPosition(messages).users).toEqual(["hello", "urgent words"]);
  });
});

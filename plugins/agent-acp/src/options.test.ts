import { expect, test } from "vitest";
import { commandOf, parseOptions } from "./options.ts";

test("a command is a word, a plain line or a list, and more arguments may follow", () => {
  expect(commandOf(parseOptions({ command: "opencode acp" }))).toEqual(["opencode", "acp"]);
  expect(commandOf(parseOptions({ command: ["my agent", "--x y"], args: ["acp"] }))).toEqual([
    "my agent",
    "--x y",
    "acp",
  ]);
});

test.each(["a | b", "a; b", "a 'b c'", "a $HOME", ""])(
  "refuses the line %j, and says what to write instead",
  (command) => {
    expect(() => commandOf(parseOptions({ command }))).toThrow(expect.objectContaining({ code: "CONFIG" }));
  },
);

test("reports every problem at once, and a missing command only when it is needed", () => {
  const wrong = { comand: "a", permissions: "all", allow: "git", env: { "a b": "c" } };
  expect(() => parseOptions(wrong)).toThrow(/permissions.*allow.*env.*comand/s);
  expect(() => commandOf(parseOptions({}))).toThrow(expect.objectContaining({ code: "CONFIG" }));
  expect(() => commandOf(parseOptions({ command: [" "] }))).toThrow(/empty/);
});

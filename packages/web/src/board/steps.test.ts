import { describe, expect, it } from "vitest";
import { question, view } from "../testing/view.ts";
import { commandsIn, isAnswerable, stepsOf } from "./steps.ts";

describe("what the daemon says to do next", () => {
  it.each([
    ["ao merge app-1", [{ name: "merge", rest: "app-1" }]],
    [
      "ao diff app-1, or ao restore app-1",
      [
        { name: "diff", rest: "app-1" },
        { name: "restore", rest: "app-1" },
      ],
    ],
    [
      "`ao diff app-1`, then `ao review app-1 --approve`",
      [
        { name: "diff", rest: "app-1" },
        { name: "review", rest: "app-1 --approve" },
      ],
    ],
    ["wait", []],
    ["", []],
  ])("is read as commands: %s", (next, commands) => {
    expect(commandsIn(next)).toEqual(commands);
  });

  it.each([
    ["ao merge app-1", ["Merge"]],
    ["ao diff app-1, then ao review app-1 --approve", ["See the changes", "Approve"]],
    ["ao checks app-1 --log", ["See why CI fails"]],
    ["ao kill --rm app-1", ["Remove"]],
    ["ao interrupt --kill app-1", ["End what still runs"]],
    ["ao exec app-1 -- git switch main", ["ao exec app-1 -- git switch main"]],
    ["ao answer app-1", []],
  ])("becomes buttons, or the command where there is none: %s", (next, labels) => {
    const steps = stepsOf(view({ next }));
    expect(steps.map((step) => (step.kind === "command" ? step.command : step.label))).toEqual(labels);
  });
});

it("lets a question be answered here unless only its terminal can", () => {
  expect(isAnswerable(view({ question }))).toBe(true);
  expect(isAnswerable(view({ question: { ...question, onlyInTerminal: "it has a menu" } }))).toBe(false);
  expect(isAnswerable(view({ question: { ...question, choices: [] } }))).toBe(false);
  expect(isAnswerable(view())).toBe(false);
});

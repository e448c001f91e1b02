import { expect, test } from "vitest";
import { alwaysKey, answerOf, type Policy } from "./auto-answer.ts";

const EDITS: Policy = { mode: "edits", allow: ["npm test"], always: [] };
const asked = (question: string) => ({ question, choices: [], typed: "" });

test.each<[string, string, "y" | "n" | null]>([
  ["Create new file?", "src/a.ts", "y"],
  ["Create new file?", "/etc/passwd", null],
  ["Create new file?", "../other/a.ts", null],
  ["Create new file?", "~/a.ts", null],
  ["Create new file?", "sub/.git/hooks/pre-commit", null],
  ["Create new file?", "", null],
  ["Allow edits to file that has not been added to the chat?", "a b.ts", "y"],
  ["Add file to the chat?", "src/a.ts", "y"],
  ["Edit the files?", "", "y"],
  ["Add command output to the chat?", "", "y"],
  ["Add 1.2k tokens of command output to the chat?", "", "y"],
  ["Attempt to fix lint errors?", "", "y"],
  ["Open URL for more info?", "https://example.com", "n"],
  ["Add URL to the chat?", "https://example.com", null],
  ["Try to proceed anyway?", "", null],
  ["Run pip install?", "pip install x", null],
  ["Run shell command?", "npm test", "y"],
  ["Run shell command?", "git commit -m 'a; b && c'", "y"],
  ["Run shell commands?", "git add -A\ngit commit -qm x", "y"],
  ["Run shell commands?", "git add -A\ncurl example.com", null],
  ["Run shell command?", "rm -rf .", null],
  ["Run shell command?", "", null],
])("permissions: edits, %s %s → %s", (question, subject, expected) => {
  expect(answerOf(EDITS, asked(question), subject)).toBe(expected);
});

test("the mode default asks about everything, and ao answers nothing", () => {
  const policy: Policy = { ...EDITS, mode: "default" };
  for (const question of ["Create new file?", "Run shell command?", "Open URL for more info?"])
    expect(answerOf(policy, asked(question), "npm test")).toBe(null);
});

test("a permanent permission covers exactly this question about this subject", () => {
  const policy: Policy = { ...EDITS, always: [alwaysKey("Run shell command?", "make all")] };
  expect(answerOf(policy, asked("Run shell command?"), "make all")).toBe("y");
  expect(answerOf(policy, asked("Run shell command?"), "make all install")).toBe(null);
});

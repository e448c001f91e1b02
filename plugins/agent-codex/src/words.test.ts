import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isAllowed, plainCommands, shellLine } from "./words.ts";

test.each([
  ["git status", [["git", "status"]]],
  [
    "git add -A && git commit -m 'a; b'",
    [
      ["git", "add", "-A"],
      ["git", "commit", "-m", "a; b"],
    ],
  ],
  [`git commit -m "say \\"hi\\" [x] *"`, [["git", "commit", "-m", 'say "hi" [x] *']]],
  ["a || b ; c | d", [["a"], ["b"], ["c"], ["d"]]],
  ["a\\ b", [["a b"]]],
])("%j is plain commands", (line, commands) => {
  expect(plainCommands(line)).toEqual(commands);
});

test.each([
  "git status > f",
  "git log $(rm -rf x)",
  "git log `id`",
  'git commit -m "$HOME"',
  "git status & rm x",
  "git status\nrm x",
  "FOO=1 git status",
  "(git status)",
  "git show *",
  "git log 'open",
  "git status &&",
  "&& git status",
  "git status ;; rm x",
  "git status |& tee x",
  "git status &&& x",
  "git log <(id)",
  "git log ~root",
  "",
])("%j is not: a shell would do more than start commands", (line) => {
  expect(plainCommands(line)).toBe(null);
});

test("finds the line that a shell is started with", () => {
  expect(shellLine("/bin/bash -lc 'git add -A && git commit -m x'")).toBe("git add -A && git commit -m x");
  expect(shellLine("/bin/zsh -c 'ls'")).toBe("ls");
  expect(shellLine("bash -lc 'a' 'b'")).toBe(null);
  expect(shellLine("git commit -m x")).toBe(null);
});

const ALLOW = ["git commit", "pnpm test", "sh tick.sh"];
test.each([
  ["/bin/bash -lc 'git commit -m hello'", true],
  ["/bin/bash -lc 'git commit -m hello && pnpm test --run'", true],
  ["/bin/bash -lc 'git commit -m hello && rm -rf /'", false],
  ["/bin/bash -lc 'git commitx'", false],
  ["/bin/bash -lc 'git -c core.pager=x commit'", false],
  ["/bin/bash -lc 'pnpm test > /etc/passwd'", false],
  ["/bin/bash -lc 'pnpm test\nrm x'", false],
  ["pnpm test", true],
  ["/bin/bash -lc 'echo x | git commit -F -'", false],
])("the allow-list lets %j through: %s", (command, isLetThrough) => {
  expect(isAllowed(command, ALLOW)).toBe(isLetThrough);
});

test("an empty allow-list lets nothing through", () => {
  expect(isAllowed("ls", [])).toBe(false);
  expect(isAllowed("ls", [""])).toBe(false);
});

test("what it takes for plain, a real shell splits into the same words", () => {
  const part = fc.constantFrom("a", "b c", "'", '"', "\\", " ", "x=1", "-n", "ü");
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const line = parts.join("");
      const commands = plainCommands(line);
      if (commands?.length !== 1) return;
      const shell = execFileSync("sh", ["-c", `for w in ${line}; do printf '[%s]' "$w"; done`], { encoding: "utf8" });
      expect(commands[0]?.map((word) => `[${word}]`).join("")).toBe(shell);
    }),
    { numRuns: 120 },
  );
});

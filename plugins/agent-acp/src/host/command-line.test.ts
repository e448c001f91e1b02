import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isAllowedLine, simpleCommands } from "./command-line.ts";

const ALLOW = ["git status", "git add", "git commit", "pnpm test"];

test.each([
  "git status",
  "  git   status --short ",
  "git add -A && git commit -q -m 'feat: a; b | c && d'",
  'git commit -m "say $NAME & co"',
  'git commit -m "a\nb"',
  "git status; git status",
  "git status | git add -A || pnpm test",
  "pnpm test -- src/a.test.ts -t 'one (two)'",
])("allows %j", (line) => {
  expect(isAllowedLine(line, ALLOW)).toBe(true);
});

test.each([
  "",
  "git",
  "git push",
  "git statusx",
  "git-status",
  "git status && rm -rf /",
  "git status & rm -rf /",
  "git status\nrm -rf /",
  "git status | sh",
  "git status |& sh",
  "git status; rm x",
  "git status > /etc/passwd",
  "git status < x",
  "git status $(rm x)",
  "git status `rm x`",
  'git commit -m "$(rm x)"',
  'git commit -m "`rm x`"',
  'git commit -m "${x:=y}"',
  "git commit -m 'open",
  "git commit -m x\\",
  "PATH=. git status",
  "(git status)",
  "{ git status; }",
  "! git status",
  "git status # && rm",
  "git status --output=/etc/passwd",
  "$HOME/git status",
  "=git status",
])("asks about %j", (line) => {
  expect(isAllowedLine(line, ALLOW)).toBe(false);
});

test("a shell runs no other commands than were judged", () => {
  const sign = fc.constantFrom(
    "a",
    "b",
    " ",
    " ",
    "'",
    '"',
    "\\",
    ";",
    "&",
    "&&",
    "||",
    "|",
    "\n",
    "$",
    "(",
    "#",
    "!",
    ">",
  );
  const lines = fc.array(sign, { maxLength: 12 }).map((signs) => signs.join(""));
  const traced = "exec 3>&1 >/dev/null 2>&1\na() { echo a >&3; }\nb() { echo b >&3; }\n";
  fc.assert(
    fc.property(lines, (line) => {
      const judged = simpleCommands(line);
      if (judged === null) return;
      const ran = spawnSync("sh", ["-c", traced + line], {
        encoding: "utf8",
        cwd: "/",
        stdio: ["ignore", "pipe", "ignore"],
      });
      const names = judged.map(([first]) => first);
      for (const name of ran.stdout.split("\n").filter(Boolean)) expect(names).toContain(name);
    }),
    { numRuns: 300 },
  );
});

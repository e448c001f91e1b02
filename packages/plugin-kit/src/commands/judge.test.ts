import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { mayRunUnasked } from "./judge.ts";

/** The list of every session in the mode `edits`, and entries as people write them. */
const allow = [
  "git status",
  "git diff",
  "git log",
  "git show",
  "git add",
  "git commit",
  "ao report",
  "ao pr create",
  "ao show",
  "npm test",
  "npm run lint",
  "pnpm test",
  "npx vitest",
  "pytest",
  "python -m pytest",
  "cargo test",
  "go test",
  "make",
  "node scripts/check.mjs",
  "sh tick.sh",
  "find . -name x",
  "ls",
  "cat",
  "git push",
  "git fetch",
  "git bisect",
  "git config",
  "git submodule",
  "git rebase",
  "git grep",
  "git branch",
  "docker",
  "env",
  "xargs",
  "npm",
  "terraform plan *",
];
const policy = { allow, cwd: "/tree/app-1" };

const linesOf = (name: string): string[] =>
  readFileSync(new URL(`./fixtures/${name}.txt`, import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "");
const MAY_RUN = linesOf("may-run");
const MUST_ASK = linesOf("must-ask");

test.each(MAY_RUN)("runs without a question: %s", (line) => {
  expect(mayRunUnasked(line, policy)).toBe(true);
});

test.each(MUST_ASK)("asks about: %s", (line) => {
  expect(mayRunUnasked(line, policy)).toBe(false);
});

test("the tables hold several hundred commands, none of them twice", () => {
  const all = [...MAY_RUN, ...MUST_ASK];
  expect(new Set(all).size).toBe(all.length);
  expect(all.length).toBeGreaterThan(350);
  console.log(`command judge: ${MAY_RUN.length} that may run, ${MUST_ASK.length} that are asked about`);
});

test.each(["git status\nid", "git status\rid", "git commit -m 'x'\n", "\ngit status", "git add 'a\nb'", "git log \0"])(
  "asks about control characters: %j",
  (line) => {
    expect(mayRunUnasked(line, policy)).toBe(false);
  },
);

test("a message may have several lines", () => {
  expect(mayRunUnasked("git commit -m 'one\n\ntwo'", policy)).toBe(true);
});

test("an absolute path is asked about where the checkout is unknown", () => {
  expect(mayRunUnasked("cat /tree/app-1/a", { allow })).toBe(false);
});

test.each([[[]], [[""]], [["  "]], [["*"]], [["git status | sh"]], [["git status; id"]], [["$(id)"]]])(
  "the list %j allows nothing",
  (allow) => {
    for (const line of ["git status", "id", "ls", ""]) expect(mayRunUnasked(line, { allow })).toBe(false);
  },
);

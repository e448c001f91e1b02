import { tempRepo } from "@agent-orchestrator/testkit/temp-repo";
import { expect, test } from "vitest";
import { isSelected, parsePatterns } from "./patterns.ts";

const PATHS = [
  ".env",
  ".env.local",
  "sub/.env",
  "config/keys/a.key",
  "config/a.key",
  "a.key",
  "data/x.bin",
  "data/deep/x.bin",
  "other/data/x.bin",
  "ab",
  "axb",
  "a+b",
  "[x]",
];

test.each([
  [".env*"],
  ["/.env"],
  ["*.key"],
  ["config/*.key"],
  ["config/**/a.key"],
  ["data/"],
  ["data/*.bin"],
  ["**/x.bin"],
  ["data/**"],
  ["a?b"],
  ["a[a-z]b"],
  ["a[!a-z]b"],
  ["a+b"],
  ["\\[x\\]"],
  ["*.key", "!config/*.key"],
  ["# a comment", "", "a.key  "],
])("reads %j as git reads a .gitignore", (...lines) => {
  const repo = tempRepo({ ".gitignore": `${lines.join("\n")}\n` });
  for (const path of PATHS) repo.write(path, "x");
  const theirs = repo.git("ls-files", "--others", "--ignored", "--exclude-standard", "-z").split("\0").filter(Boolean);
  const patterns = parsePatterns(lines);
  const ours = PATHS.filter((path) => isSelected(patterns, path));
  expect(ours.sort()).toEqual(theirs.filter((path) => PATHS.includes(path)).sort());
});

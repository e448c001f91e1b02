import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import { choiceFor, commandOf, isInside, type JudgedCall } from "./permission.ts";

const OPTIONS = [
  { optionId: "ever", name: "Always", kind: "allow_always" },
  { optionId: "once", name: "Once", kind: "allow_once" },
  { optionId: "no", name: "No", kind: "reject_once" },
] as const;

const choice = (toolCall: JudgedCall, permit: Partial<Parameters<typeof choiceFor>[1]> = {}) =>
  choiceFor({ toolCall, options: OPTIONS }, { mode: "edits", allow: ["git status"], cwd: "/nowhere", ...permit })
    ?.optionId;

test("takes the choice for this time only, and none if there is none", () => {
  expect(choice({ kind: "other" }, { mode: "skip" })).toBe("once");
  const always = [{ optionId: "ever", name: "Always", kind: "allow_always" }] as const;
  expect(choiceFor({ toolCall: {}, options: always }, { mode: "skip", allow: [], cwd: "/" })).toBe(null);
});

test("a command is judged by what would run, never by its title", () => {
  expect(choice({ kind: "execute", title: "git status" })).toBe(undefined);
  expect(choice({ kind: "execute", title: "x", rawInput: { command: "git status" } })).toBe("once");
  expect(choice({ kind: "execute", rawInput: { command: ["bash", "-lc", "git status"] } })).toBe("once");
  expect(choice({ kind: "execute", rawInput: { command: ["git", "status"] } })).toBe(undefined);
  expect(choice({ kind: "edit", rawInput: { command: "git status" } })).toBe(undefined);
  expect(commandOf({ kind: "execute", rawInput: null })).toBe(null);
});

test("in the mode default an edit is asked about, and so is a command that the user did not list", () => {
  const cwd = tempDir();
  const edit = { kind: "edit", locations: [{ path: join(cwd, "a") }] };
  expect(choice(edit, { cwd, mode: "default", allow: [] })).toBe(undefined);
  expect(choice(edit, { cwd })).toBe("once");
});

test("an edit counts as inside the checkout only if every path in it is, with links followed", () => {
  const cwd = tempDir();
  const outside = tempDir();
  mkdirSync(join(cwd, "sub/.git"), { recursive: true });
  symlinkSync(outside, join(cwd, "out"));
  symlinkSync(join(outside, "nothing"), join(cwd, "dangling"));
  symlinkSync("sub", join(cwd, "in"));
  expect(["a", "./x/y/z", "sub/a", "in/a", join(cwd, "b")].map((path) => isInside(path, cwd))).toEqual(
    Array(5).fill(true),
  );
  const bad = ["..", ".", "../a", "out/a", "dangling", ".git/config", "sub/.git/hooks/x", "/etc/passwd", "sub/../../a"];
  expect(bad.filter((path) => isInside(path, cwd))).toEqual([]);
  const two = [{ path: join(cwd, "a") }, { path: "/etc/passwd" }];
  expect(choice({ kind: "edit", locations: two }, { cwd })).toBe(undefined);
  expect(choice({ kind: "edit", rawInput: { filePath: "a" } }, { cwd })).toBe("once");
  expect(choice({ kind: "edit", content: [{ type: "diff", path: "../x", newText: "" }] }, { cwd })).toBe(undefined);
  expect(choice({ kind: "edit" }, { cwd })).toBe(undefined);
  expect(choice({ kind: "delete", locations: [{ path: join(cwd, "a") }] }, { cwd })).toBe(undefined);
});

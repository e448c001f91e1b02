import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import { fixturePath } from "./testing/fixture.ts";
import { GrowingText, readInputHistory, wasTyped } from "./transcript/growing-text.ts";

test("a growing file is read in whole lines, each once, wherever writes are split", () => {
  const path = join(tempDir(), "chat.md");
  const text = new GrowingText(path);
  expect(text.readOn()).toEqual({ lines: [], isRestarted: false });
  writeFileSync(path, "one\ntw");
  expect(text.readOn().lines).toEqual(["one"]);
  expect(text.offset).toBe(4);
  const bytes = Buffer.from("o é\n");
  appendFileSync(path, bytes.subarray(0, 3));
  expect(text.readOn().lines).toEqual([]);
  appendFileSync(path, bytes.subarray(3));
  expect(text.readOn().lines).toEqual(["two é"]);
  expect(text.readOn().lines).toEqual([]);
});

test("a file that was truncated or replaced is read again, and that is reported", () => {
  const dir = tempDir();
  const path = join(dir, "chat.md");
  writeFileSync(path, "one\ntwo\n");
  const text = new GrowingText(path);
  text.readOn();
  writeFileSync(path, "x\n");
  expect(text.readOn()).toEqual({ lines: ["x"], isRestarted: true });
  writeFileSync(join(dir, "other"), "a longer one\n");
  renameSync(join(dir, "other"), path);
  expect(text.readOn()).toEqual({ lines: ["a longer one"], isRestarted: true });
});

test("the input history has complete texts, and only what was typed counts as typed", () => {
  const entries = readInputHistory(fixturePath("input.history"));
  expect(entries).toEqual([
    "Add a greeting to src/hello.py\n\nand a test",
    "y",
    "/run python -m pytest -q",
    "n",
    "go on",
    "once more",
  ]);
  expect(wasTyped("Add a greeting to src/hello.py\n\nand a test", entries)).toBe(true);
  expect(wasTyped("This heading is the model's", entries)).toBe(false);
  expect(readInputHistory("/nowhere")).toBe(null);
  expect(wasTyped("anything", null)).toBe(true);
});

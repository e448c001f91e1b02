import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, onTestFinished, test } from "vitest";
import { type DropFolderOptions, type Dropped, dropCommand, openDropFolder } from "./drop-folder.ts";

const drop = (dir: string, label: string, text: string) =>
  spawnSync("sh", ["-c", dropCommand(dir, label)], { input: text, encoding: "utf8" });

function open(dir: string, more: Partial<DropFolderOptions> = {}) {
  const seen: Dropped[] = [];
  const strange: string[] = [];
  const end = new AbortController();
  const onDropped = (dropped: Dropped) => void seen.push(dropped);
  const onStrange = (name: string) => void strange.push(name);
  const options = { dir, clock: systemClock, signal: end.signal, onDropped, onStrange, ...more };
  const folder = openDropFolder(options);
  onTestFinished(async () => {
    end.abort();
    await folder.ended;
  });
  return { seen, strange, folder };
}

test("a hook's input arrives complete, whatever it and the folder's name contain", async () => {
  const dir = join(tempDir(), `it's "a" $(x) dir`);
  mkdirSync(dir);
  const { seen } = open(dir);
  const text = `{"a":"'\\"$HOME\\u0000 \n € 😀"}`;
  const run = drop(dir, "Stop", text);
  expect([run.status, run.stdout, run.stderr]).toEqual([0, "", ""]);
  await waitFor(() => seen.length === 1);
  expect(seen[0]).toMatchObject({ label: "Stop", text });
  await waitFor(() => readdirSync(dir).length === 0);
});

test("a hook whose folder is missing prints nothing and does not fail", () => {
  const run = drop(join(tempDir(), "gone"), "Stop", "{}");
  expect([run.status, run.stdout, run.stderr]).toEqual([0, "", ""]);
  expect(() => dropCommand("/d", "a b")).toThrow("not a label");
});

test("existing files are delivered first, in the order they were written", async () => {
  const dir = tempDir();
  for (const [name, second] of Object.entries({ "1-1-C": 30, "2-1-A": 10, "3-1-B": 20 })) {
    writeFileSync(join(dir, `${name}.json`), name);
    utimesSync(join(dir, `${name}.json`), second, second);
  }
  const { seen } = open(dir);
  await waitFor(() => seen.length === 3);
  expect(seen.map(({ label }) => label)).toEqual(["A", "B", "C"]);
  expect(seen[0]?.at).toBe("1970-01-01T00:00:10.000Z");
});

test("links, pipes, folders and files of other names do no harm and go; what is too large tells that it came", async () => {
  const dir = tempDir();
  const secret = join(tempDir(), "secret");
  writeFileSync(secret, "secret");
  symlinkSync(secret, join(dir, "1-1-Link.json"));
  execFileSync("mkfifo", [join(dir, "2-1-Pipe.json")]);
  mkdirSync(join(dir, "3-1-Dir.json", "deep"), { recursive: true });
  writeFileSync(join(dir, "note.txt"), "x");
  writeFileSync(join(dir, "4-1-Big.json"), "x".repeat(2000));
  const { seen, strange } = open(dir, { maxBytes: 1000 });
  await waitFor(() => readdirSync(dir).length === 0);
  expect(seen).toMatchObject([{ label: "Big", text: null }]);
  expect(strange.sort()).toEqual(["1-1-Link.json", "2-1-Pipe.json", "3-1-Dir.json", "note.txt"]);
  expect(existsSync(secret)).toBe(true);
});

test("an unusable file does not hold up the others", async () => {
  const dir = tempDir();
  const seen: string[] = [];
  const { strange } = open(dir, {
    onDropped: ({ label }) => {
      if (label === "Bad") throw new Error("no");
      seen.push(label);
    },
  });
  drop(dir, "Bad", "x");
  drop(dir, "Good", "x");
  await waitFor(() => seen.length === 1);
  expect(strange).toHaveLength(1);
});

test("an unfinished file is left alone, and removed when it is old", async () => {
  const dir = tempDir();
  writeFileSync(join(dir, ".1.Stop"), "{");
  writeFileSync(join(dir, ".2.Stop"), "{");
  utimesSync(join(dir, ".1.Stop"), 1000, 1000);
  open(dir);
  await waitFor(() => readdirSync(dir).length === 1);
  expect(readdirSync(dir)).toEqual([".2.Stop"]);
});

test("arrives at once: half of them within 50 ms, whatever else the machine does", async () => {
  const dir = tempDir();
  const { seen } = open(dir);
  const delays: number[] = [];
  for (let turn = 1; turn <= 40; turn++) {
    drop(dir, "Stop", "{}");
    const began = performance.now();
    await waitFor(() => seen.length === turn, { intervalMs: 1 });
    delays.push(performance.now() - began);
  }
  expect(delays.sort((a, b) => a - b)[20]).toBeLessThan(50);
});

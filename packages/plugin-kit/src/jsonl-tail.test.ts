import { appendFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, onTestFinished, test } from "vitest";
import { type FollowOptions, followJsonl } from "./jsonl-tail.ts";

function follow(path: string, more: Partial<FollowOptions> = {}) {
  const values: unknown[] = [];
  const offsets: number[] = [];
  const skipped: string[] = [];
  let restarts = 0;
  const end = new AbortController();
  const following = followJsonl({
    path,
    clock: systemClock,
    signal: end.signal,
    from: "start",
    pollMs: 50,
    onLine: (value, offsetAfter) => {
      values.push(value);
      offsets.push(offsetAfter);
    },
    onSkipped: (what) => void skipped.push(what),
    onRestart: () => {
      restarts += 1;
      values.length = 0;
    },
    ...more,
  });
  const stop = async () => {
    end.abort();
    await following.ended;
  };
  onTestFinished(stop);
  return { values, offsets, skipped, restarts: () => restarts, following, stop };
}

const path = () => join(tempDir(), "t.jsonl");

test("reads existing and new lines, and waits for the end of a line", async () => {
  const file = path();
  writeFileSync(file, '{"n":1}\n{"n":');
  const { values, offsets } = follow(file);
  await waitFor(() => values.length === 1);
  appendFileSync(file, '2}\n\n{"n":"ü"}\n');
  await waitFor(() => values.length === 3);
  expect(values).toEqual([{ n: 1 }, { n: 2 }, { n: "ü" }]);
  expect(offsets).toEqual([8, 16, 28]);
});

test("a file that does not exist yet is read when it appears", async () => {
  const file = path();
  const { values, following } = follow(file, { pollMs: 60_000 });
  writeFileSync(file, "1\n");
  following.poke();
  await waitFor(() => values.length === 1);
});

test("continues after the last line, without reading what came before", async () => {
  const file = path();
  writeFileSync(file, "1\n2\n");
  const first = follow(file);
  await waitFor(() => first.values.length === 2);
  await first.stop();
  appendFileSync(file, "3\n");
  const inode = first.following.inode() ?? 0;
  const second = follow(file, { from: 4, inode });
  await waitFor(() => second.values.length === 1);
  expect([second.values, second.restarts()]).toEqual([[3], 0]);
});

test.each([
  ["behind the end", 400, undefined],
  ["inside a line", 1, undefined],
  ["of another file", 2, 1],
])("an offset %s is of no use: from the start", async (_what, from, inode) => {
  const file = path();
  writeFileSync(file, "1\n2\n");
  const { values, restarts } = follow(file, { from, ...(inode === undefined ? {} : { inode }) });
  await waitFor(() => values.length === 2);
  expect(restarts()).toBe(1);
});

test("a file that was cut or replaced is read anew", async () => {
  const file = path();
  writeFileSync(file, "1\n2\n");
  const { values, restarts } = follow(file);
  await waitFor(() => values.length === 2);
  truncateSync(file, 0);
  await waitFor(() => restarts() === 1);
  appendFileSync(file, "3\n");
  await waitFor(() => values.length === 1);
  writeFileSync(`${file}.new`, "4\n5\n6\n");
  renameSync(`${file}.new`, file);
  await waitFor(() => values.length === 3);
  appendFileSync(file, "7\n");
  await waitFor(() => values.length === 4);
  expect(values).toEqual([4, 5, 6, 7]);
});

test("lines that are too long or no JSON are left out and said, however they are cut into pieces", async () => {
  const file = path();
  const long = JSON.stringify("x".repeat(200_000));
  writeFileSync(file, `1\n${long}\nnot json\n2\n`);
  const { values, skipped } = follow(file, { maxLineBytes: 100_000 });
  await waitFor(() => values.length === 2);
  expect(skipped).toEqual(["too long", "malformed"]);
  appendFileSync(file, `${long}\n3\n`);
  await waitFor(() => values.length === 3);
  expect(values).toEqual([1, 2, 3]);
});

test("lines longer than what is read at once come whole", async () => {
  const file = path();
  const long = "é".repeat(100_000);
  writeFileSync(file, `${JSON.stringify(long)}\n${JSON.stringify(long)}\n`);
  const { values } = follow(file);
  await waitFor(() => values.length === 2);
  expect(values).toEqual([long, long]);
});

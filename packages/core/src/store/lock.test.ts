import { existsSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it } from "vitest";
import { tryLock } from "./lock.ts";
import { bundleChild, startChild } from "./testing/child.ts";

it("has one holder at a time, and is free as soon as it is released", () => {
  const path = join(tempDir(), "lock");
  const first = tryLock(path);
  expect(first).not.toBeNull();
  expect(tryLock(path)).toBeNull();
  first?.release();
  const second = tryLock(path);
  expect(second).not.toBeNull();
  first?.release();
  expect(tryLock(path)).toBeNull();
  second?.release();
  expect(existsSync(path)).toBe(true);
});

it("has exactly one winner in each of 30 rounds of 6 processes that start at once", { timeout: 120_000 }, async () => {
  const script = bundleChild("lock-child");
  const dir = tempDir("ao-lock");
  const children = Array.from({ length: 6 }, () => startChild(process.execPath, [script]));
  const answers = (count: number) =>
    waitFor(() => children.every(({ lines }) => lines.length === count), { intervalMs: 2 });
  const winners: number[] = [];
  try {
    for (let round = 0; round < 30; round++) {
      for (const child of children) child.process.stdin?.write(`${join(dir, `lock-${round}`)}\n`);
      await answers(2 * round + 1);
      winners.push(children.filter(({ lines }) => lines.at(-1) === "won").length);
      for (const child of children) child.process.stdin?.write("release\n");
      await answers(2 * round + 2);
    }
    console.log(`30 rounds of 6 starters: ${winners.filter((count) => count === 1).length} with exactly one winner`);
    expect(winners).toEqual(Array(30).fill(1));
  } finally {
    for (const child of children) child.process.stdin?.end();
    await Promise.all(children.map(({ exited }) => exited));
  }
});

it("is free as soon as its holder is killed", async () => {
  const path = join(tempDir("ao-lock"), "lock");
  const child = startChild(process.execPath, [bundleChild("lock-child")]);
  child.process.stdin?.write(`${path}\n`);
  await waitFor(() => child.lines[0] === "won");
  expect(tryLock(path)).toBeNull();
  child.process.kill("SIGKILL");
  await child.exited;
  const lock = tryLock(path);
  expect(lock).not.toBeNull();
  lock?.release();
});

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it, onTestFinished } from "vitest";
import { systemClock } from "../host/clock.ts";
import { layoutOf } from "./layout.ts";
import type { Problem } from "./problem.ts";
import { openSpool, type Spooled } from "./spool.ts";

function spooled(more: { pollMs?: number; home?: string; isDone?: boolean } = {}) {
  const layout = layoutOf(more.home ?? tempDir("ao-spool"));
  const closing = new AbortController();
  onTestFinished(() => closing.abort());
  const taken: (Spooled & { seenAt: number })[] = [];
  const problems: Problem[] = [];
  const spool = openSpool({
    layout,
    clock: systemClock,
    signal: closing.signal,
    onSpooled: (one) => {
      taken.push({ ...one, seenAt: performance.now() });
      if (more.isDone !== false) one.done();
    },
    report: (problem) => problems.push(problem),
    pollMs: more.pollMs ?? 1000,
  });
  const put = (name: string, text: string | Buffer): number => {
    writeFileSync(join(layout.spoolTmp, name), text);
    renameSync(join(layout.spoolTmp, name), join(layout.spoolNew, name));
    return performance.now();
  };
  return { layout, taken, problems, put, spool, close: () => closing.abort() };
}

const agedBy = (path: string, seconds: number) =>
  utimesSync(path, Date.now() / 1000 - seconds, Date.now() / 1000 - seconds);

it("delivers what a shell moved in, JSON or key=value, within 50 ms in 95 of 100 cases", async () => {
  const { taken, put, layout, problems } = spooled();
  const latencies: number[] = [];
  for (let number = 0; number < 100; number++) {
    const at = put(`f${number}`, number % 2 === 0 ? `{"number":${number}}` : `number=${number}\n`);
    await waitFor(() => taken.length > number, { intervalMs: 1 });
    latencies.push((taken[number]?.seenAt ?? 0) - at);
  }
  latencies.sort((a, b) => a - b);
  console.log(`spool: p50 ${latencies[50]?.toFixed(1)} ms, p95 ${latencies[95]?.toFixed(1)} ms`);
  expect(latencies[95]).toBeLessThan(50);
  expect(taken.map(({ fields }) => Number(fields.number))).toEqual(Array.from({ length: 100 }, (_, index) => index));
  expect(readdirSync(layout.spoolNew)).toEqual([]);
  expect(problems).toEqual([]);
});

it("delivers a file once per run, and again after a restart until it is done", () => {
  const home = tempDir("ao-spool");
  const first = spooled({ home, isDone: false });
  first.put("a", "state=done\n");
  first.spool.scan();
  first.spool.scan();
  expect(first.taken).toHaveLength(1);
  first.close();
  const second = spooled({ home });
  expect(second.taken.map(({ name, fields }) => ({ name, fields }))).toEqual([
    { name: "a", fields: { state: "done" } },
  ]);
  expect(readdirSync(second.layout.spoolNew)).toEqual([]);
});

it("keeps a newer file of the same name when the older one is done", () => {
  const { put, taken, spool } = spooled({ isDone: false });
  put("a", "n=1\n");
  spool.scan();
  put("a", "n=2\n");
  taken[0]?.done();
  spool.scan();
  expect(taken.map(({ fields }) => fields.n)).toEqual(["1", "2"]);
});

it("keeps a file that its receiver refuses", () => {
  const { put, taken, problems, layout, spool } = spooled({ isDone: false });
  put("a", "n=1\n");
  spool.scan();
  taken[0]?.refuse("nobody knows that session");
  expect(problems[0]).toMatchObject({ kind: "spool-malformed", message: expect.stringContaining("nobody knows") });
  expect(readdirSync(layout.spoolNew)).toEqual([]);
  expect(readdirSync(layout.quarantine)).toEqual(["spool-a.1"]);
});

it("sets aside each file that can't be parsed once, and delivers the rest", async () => {
  const { put, taken, problems, layout, spool } = spooled();
  const hostile = {
    "not-json": "{oops",
    "not-lines": "hello world\n",
    binary: Buffer.from([0x7b, 0xff, 0xfe]),
    nul: "a=b\0\n",
    empty: "",
    huge: `a=${"x".repeat(300_000)}\n`,
  };
  for (const [name, text] of Object.entries(hostile)) {
    writeFileSync(join(layout.spoolTmp, name), text);
    agedBy(join(layout.spoolTmp, name), 5);
    renameSync(join(layout.spoolTmp, name), join(layout.spoolNew, name));
  }
  mkdirSync(join(layout.spoolNew, "folder"));
  execFileSync("mkfifo", [join(layout.spoolNew, "pipe")]);
  execFileSync("ln", ["-s", "/etc/passwd", join(layout.spoolNew, "link")]);
  put("good", "state=done\n");
  await waitFor(() => taken.length === 1 && problems.length === 9);
  for (let look = 0; look < 3; look++) spool.scan();
  expect(problems).toHaveLength(9);
  expect(readdirSync(layout.spoolNew)).toEqual([]);
  expect(readdirSync(layout.quarantine)).toHaveLength(9);
  expect(taken[0]?.fields).toEqual({ state: "done" });
});

it("gives a file that is still being written a moment before rejecting it", async () => {
  const { taken, problems, layout, spool } = spooled({ pollMs: 50 });
  const path = join(layout.spoolNew, "slow");
  writeFileSync(path, '{"state":');
  spool.scan();
  expect(problems).toEqual([]);
  writeFileSync(path, '{"state":"done"}');
  await waitFor(() => taken.length === 1);
  expect(taken[0]?.fields).toEqual({ state: "done" });
});

it("finds files without notifications, by polling", async () => {
  const { taken, layout, put } = spooled({ pollMs: 20 });
  execFileSync("rm", ["-r", layout.spoolNew]);
  await waitFor(() => {
    put("a", "n=1\n");
    return true;
  });
  await waitFor(() => taken.length === 1);
});

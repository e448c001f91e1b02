import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import { isTried, TRIED } from "../launch/program.ts";
import { isLive, StatusFile } from "../status.ts";
import { nothingFolded } from "./fold.ts";
import { countReceipt, type ReceiptCounts, type Way } from "./receipts.ts";
import { bookReading, emptyLedger, readSides, usageOf } from "./usage.ts";

type Reading = [launch: number, conversation: string, usd: number];

test.each<{ what: string; readings: Reading[]; usd: Record<string, number> }>([
  {
    what: "a process that goes on counting",
    readings: [
      [1, "a", 0],
      [1, "a", 1],
      [1, "a", 3],
    ],
    usd: { a: 3 },
  },
  {
    what: "a resume that goes on with the old sum",
    readings: [
      [1, "a", 3],
      [2, "a", 3],
      [2, "a", 4],
    ],
    usd: { a: 4 },
  },
  {
    what: "a resume after a crash, which starts over",
    readings: [
      [1, "a", 3],
      [2, "a", 0],
      [2, "a", 1],
    ],
    usd: { a: 4 },
  },
  {
    what: "/clear that goes on counting",
    readings: [
      [1, "a", 3],
      [1, "b", 3],
      [1, "b", 5],
    ],
    usd: { a: 3, b: 2 },
  },
  {
    what: "a /clear that starts over",
    readings: [
      [1, "a", 3],
      [1, "b", 0],
      [1, "b", 2],
    ],
    usd: { a: 3, b: 2 },
  },
])("dollars count once: $what", ({ readings, usd }) => {
  const ledger = readings.reduce(
    (sum, [launch, conversation, reading]) => bookReading(sum, { launch, conversation, reading }),
    emptyLedger(),
  );
  expect(ledger.usd).toEqual(usd);
});

test("dollars are attributed to the most-used model, and nothing is reported before anything was used", () => {
  const tokens = (output: number) => ({ input: 1, output, cacheRead: 0, cacheWrite: 0 });
  const folded = { ...nothingFolded(), tokens: { small: tokens(1), large: tokens(9) } };
  const ledger = { launch: 1, reading: 2, usd: { a: 2 } };
  expect(usageOf("a", { folded, sides: {}, ledger })?.models).toMatchObject([
    { model: "large", usd: 2 },
    { model: "small", usd: 0 },
  ]);
  expect(usageOf("b", { folded, sides: {}, ledger })?.models.map(({ usd }) => usd)).toEqual([null, null]);
  expect(usageOf("a", { folded: nothingFolded(), sides: {}, ledger })).toBe(null);
});

test.each([...TRIED])("%s: a subagent's transcript is read from where reading stopped", (version) => {
  const dir = tempDir();
  const lines = readFileSync(
    join(import.meta.dirname, "../fixtures", `claude-code-${version}`, "subagent.jsonl"),
    "utf8",
  );
  const half = lines.indexOf("\n", lines.length / 2) - 20;
  mkdirSync(join(dir, "id", "subagents"), { recursive: true });
  const file = join(dir, "id", "subagents", "agent-1.jsonl");
  writeFileSync(file, lines);
  const whole = readSides(join(dir, "id.jsonl"), {});
  writeFileSync(file, lines.slice(0, half));
  const first = readSides(join(dir, "id.jsonl"), {});
  appendFileSync(file, lines.slice(half));
  expect(readSides(join(dir, "id.jsonl"), first)).toEqual(whole);
  expect(Object.values(Object.values(whole)[0]?.tokens ?? {})[0]?.output).toBeGreaterThan(0);
  expect(readSides(join(dir, "other.jsonl"), {})).toEqual({});
});

test.each([...TRIED])("%s: every state of its status file can be read", (version) => {
  const file = join(import.meta.dirname, "../fixtures", `claude-code-${version}`, "status.jsonl");
  const all = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => StatusFile.parse(JSON.parse(line)));
  expect(new Set(all.map(({ status }) => status))).toEqual(
    new Set([
      "idle",
      "busy",
      "waiting",
      "shell",
      ...all.filter(({ status }) => status === undefined).map(() => undefined),
    ]),
  );
  const row = {
    pid: all[0]?.pid ?? 0,
    startId: `boot:${all[0]?.procStart}`,
    parent: 1,
    session: 1,
    isZombie: false,
    isStopped: false,
    rssBytes: 0,
    cpuMs: 0,
  };
  const status = all[0] ?? StatusFile.parse({ pid: 1, sessionId: "" });
  expect(isLive(status, () => row)).toBe(true);
  expect(isLive(status, () => ({ ...row, startId: "boot:1" }))).toBe(false);
  expect(isLive(status, () => undefined)).toBe(false);
});

test("a message that shows up in three sources is reported once, and a second one with the same words again", () => {
  const seen: Way[] = ["hook", "queue", "prompt", "hook", "prompt", "prompt"];
  let counts: ReceiptCounts = [];
  const news = seen.map((way) => {
    const counted = countReceipt(counts, way, way === "prompt" ? "go  on" : "go on");
    counts = counted.counts;
    return counted.isNews;
  });
  expect(news).toEqual([true, false, false, true, false, true]);
});

test.each([
  ["2.1.196", false],
  ["2.1.197", true],
  ["2.1.300", true],
  ["2.1.332", true],
  ["2.1.333", false],
  ["3.0.0", false],
  [null, false],
])("the version %s was tested: %s", (version, is) => {
  expect(isTried(version)).toBe(is);
});

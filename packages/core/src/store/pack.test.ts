import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it } from "vitest";
import { readText } from "../host/files.ts";
import { realFs } from "../host/fs-port.ts";
import { packClosed } from "./pack.ts";
import { createReader } from "./read-log.ts";
import type { LogRecord } from "./segment.ts";
import { createSigner } from "./signer.ts";
import type { Store } from "./store.ts";
import { crashStates } from "./testing/crash.ts";
import { memFs } from "./testing/mem-fs.ts";
import { changed, facts, openMem, openReal, wrongInLog } from "./testing/sample.ts";

const SESSIONS = ["app-1", "app-2", "app-3"];

/** Commits that change sessions and tell events, until there are some closed segments. */
function fill(store: Store, commits = 120): void {
  for (let at = 1; at <= commits; at++) {
    const id = SESSIONS[at % SESSIONS.length] as string;
    const event = {
      draft: { type: "session.working", message: `${id}: ${at} · ✓`, data: { at } },
      sessionId: id,
      projectId: "app",
    } as const;
    const summary = `step ${at} ${"x".repeat(at % 90)}`;
    store.commit({ next: changed(store.state, id, { turns: at, summary }), events: at % 4 === 0 ? [event] : [] });
  }
}

const signerOf = (store: Store) => createSigner(readText(store.layout.secret)?.trim() ?? "");
const pack = (store: Store) => packClosed({ fs: realFs, dir: store.layout.events, signer: signerOf(store) });
const namesIn = (store: Store, end: string) => readdirSync(store.layout.events).filter((name) => name.endsWith(end));

function filled(commits?: number): { home: string; store: Store; before: LogRecord[] } {
  const home = tempDir("ao-pack");
  const store = openReal(home, { segmentBytes: 6000, checkpointEvery: 1e9 });
  fill(store, commits);
  return { home, store, before: [...store.log.read()] };
}

it("a packed log reads like the plain one, for every session, from both ends and while it is followed", () => {
  const { store, before } = filled();
  const queries = [undefined, ...SESSIONS, "app-9"].flatMap((sessionId) =>
    [true, false].map((isPublic) => ({ ...(sessionId === undefined ? {} : { sessionId }), isPublic })),
  );
  const answers = () =>
    queries.map((filter) => [
      [...store.log.read({ filter })],
      [...store.log.read({ filter, fromSeq: 40, limit: 7 })],
      store.log.tail(9, filter),
      store.log.tail(1000, filter),
      store.log.follow(0, filter).next(),
      store.log.follow(33, filter).next(),
    ]);
  const expected = answers();
  const follower = store.log.follow(20);
  follower.next();
  const count = namesIn(store, ".jsonl").length;
  expect(pack(store)).toBe(count - 1);
  expect(namesIn(store, ".jsonl")).toHaveLength(1);
  expect(answers()).toEqual(expected);
  expect(pack(store)).toBe(0);
  fill(store, 60);
  pack(store);
  expect(follower.next()).toEqual([...store.log.read({ fromSeq: before.length + 1 })]);
});

it("a start and `ao doctor` read packed segments as they do plain ones, and the chain goes on", () => {
  const { home, store } = filled();
  pack(store);
  const known = facts(store.state);
  store.close();
  for (const path of [store.layout.checkpoint, store.layout.previousCheckpoint]) rmSync(path, { force: true });
  const again = openReal(home, { segmentBytes: 6000 });
  expect([facts(again.state), again.problems]).toEqual([known, []]);
  expect(wrongInLog(home)).toEqual([]);
  again.close();
});

it("packing makes the log a fraction of its size", () => {
  const { store } = filled();
  const size = () =>
    readdirSync(store.layout.events).reduce((sum, name) => sum + statSync(join(store.layout.events, name)).size, 0);
  const before = size();
  pack(store);
  console.log(`${before} bytes before, ${size()} after`);
  expect(size()).toBeLessThan(before / 2);
});

it("a segment with anything in it that ao did not write stays as it is", () => {
  const { store } = filled();
  const [first, second] = namesIn(store, ".jsonl").map((name) => join(store.layout.events, name)) as [string, string];
  const bytes = readFileSync(first);
  bytes[200] = (bytes[200] ?? 0) ^ 1;
  writeFileSync(first, bytes);
  writeFileSync(second, Buffer.concat([readFileSync(second), Buffer.from("not ours\n")]));
  const count = namesIn(store, ".jsonl").length;
  expect(pack(store)).toBe(count - 3);
  expect(readFileSync(first).equals(bytes)).toBe(true);
  expect(readFileSync(second, "utf8")).toContain("not ours");
});

it("damage to a pack is reported, hides only what it hit, and never makes a false line", () => {
  const { home, store, before } = filled(70);
  pack(store);
  const dir = store.layout.events;
  const known = new Map(before.map((record) => [record.seq, record]));
  const victims = [namesIn(store, ".gz")[2], namesIn(store, ".index.json")[2]] as string[];
  let hidden = 0;
  for (const name of victims) {
    const path = join(dir, name);
    const good = readFileSync(path);
    for (let at = 0; at < good.length; at += 23) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 0x11;
      writeFileSync(path, bad);
      const problems = wrongInLog(home).map(({ kind }) => kind);
      expect(problems).toContain("log-damaged");
      const left = [...store.log.read()];
      for (const record of left) expect(record).toEqual(known.get(record.seq));
      hidden = Math.max(hidden, before.length - left.length);
    }
    writeFileSync(path, good);
  }
  rmSync(join(dir, victims[0] as string));
  expect(wrongInLog(home)[0]?.message).toMatch(/lines \d+ to \d+ are missing/);
  expect([...store.log.read()].length).toBeGreaterThan(before.length / 2);
  expect(hidden).toBeLessThan(before.length / 2);
});

it("a reader that listed the folder before a segment was packed still has its lines", () => {
  const { store, before } = filled();
  const dir = store.layout.events;
  let isPacked = false;
  const fs = {
    ...realFs,
    readdir: (path: string) => {
      const names = realFs.readdir(path);
      if (!isPacked) pack(store);
      isPacked = true;
      return names;
    },
  };
  expect([...createReader({ dir, fs }).read()]).toEqual(before);
});

it("a power cut at any moment of packing loses no line", () => {
  const disk = memFs();
  const store = openMem(disk, { segmentBytes: 6000 });
  fill(store, 40);
  const known = facts(store.state);
  const before = [...store.log.read()];
  const signer = createSigner(readText(store.layout.secret, { fs: disk })?.trim() ?? "");
  const states = new Set<string>();
  const check = () => {
    for (const left of crashStates(disk)) {
      const home = left.root.names.get("home");
      for (const name of ["checkpoint.json", "checkpoint.previous.json"]) {
        home?.names.get("daemon")?.names.delete(name);
        home?.names.get("daemon")?.syncedNames.delete(name);
      }
      const again = openMem(left, { segmentBytes: 6000 });
      expect(facts(again.state)).toEqual(known);
      expect(again.problems.filter(({ kind }) => kind !== "log-torn")).toEqual([]);
      expect([...again.log.read()].slice(0, before.length)).toEqual(before);
      states.add([...(home?.names.get("events")?.names.keys() ?? [])].join());
    }
  };
  disk.onCall = check;
  expect(packClosed({ fs: disk, dir: store.layout.events, signer })).toBeGreaterThan(1);
  expect(states.size).toBeGreaterThan(4);
});

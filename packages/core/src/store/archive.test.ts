import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it } from "vitest";
import { bringBack, putAway } from "../decide/put-away.ts";
import { realFs } from "../host/fs-port.ts";
import type { RecordChanges } from "../model/record-changes.ts";
import type { SessionRecord } from "../model/session.ts";
import type { Store } from "./store.ts";
import { crashStates } from "./testing/crash.ts";
import { memFs } from "./testing/mem-fs.ts";
import { changed, facts, openMem, openReal } from "./testing/sample.ts";

const OLD = {
  isArchived: true,
  phase: "archived",
  status: "merged",
  workspacePath: null,
  archivedAt: "2026-01-01T00:00:00.000Z",
} as const satisfies RecordChanges;
const round = { nowMs: Number.MAX_SAFE_INTEGER, most: 10, isInUse: () => false };

function put(store: Store): void {
  store.commit({ next: putAway(store.state, round), events: [] });
}

function withOne(): { home: string; store: Store; record: SessionRecord; path: string } {
  const home = tempDir("ao-archive");
  const store = openReal(home);
  store.commit({ next: changed(store.state, "app-1", { ...OLD, summary: "one ✓ \u2028" }), events: [] });
  store.commit({ next: changed(store.state, "app-2", {}), events: [] });
  const record = store.state.sessions["app-1"] as SessionRecord;
  put(store);
  return { home, store, record, path: store.layout.project(record.instanceId, record.projectId).record("app-1") };
}

it("the record of a session that was put away is read as it was, after a restart and without a checkpoint too", () => {
  const { home, store, record } = withOne();
  expect(Object.keys(store.state.sessions)).toEqual(["app-2"]);
  expect(store.archive.read("app-1")).toEqual(record);
  store.close();
  for (const remove of [[], [store.layout.checkpoint, store.layout.previousCheckpoint]]) {
    for (const path of remove) rmSync(path, { force: true });
    const again = openReal(home);
    expect(again.problems).toEqual([]);
    expect(again.archive.read("app-1")).toEqual(record);
    expect(Object.keys(again.state.sessions)).toEqual(["app-2"]);
    again.close();
  }
});

it("a session that was brought back and put away again is not taken for its earlier self", () => {
  const { store, record, path } = withOne();
  const before = readFileSync(path);
  store.commit({ next: bringBack(store.state, record), events: [] });
  expect(store.state.sessions["app-1"]).toEqual(record);
  const later = { archivedAt: "2026-02-01T00:00:00.000Z", summary: "two" };
  store.commit({ next: changed(store.state, "app-1", later), events: [] });
  put(store);
  expect(store.archive.read("app-1").summary).toBe("two");
  writeFileSync(path, before);
  expect(() => store.archive.read("app-1")).toThrow(/damaged or gone/);
});

it("a record that is damaged, forged, another session's or gone is refused, and names its file", () => {
  const { store, path } = withOne();
  const good = readFileSync(path);
  const wrong: (() => void)[] = [
    () => writeFileSync(path, good.subarray(0, good.length - 20)),
    () => writeFileSync(path, Buffer.from(good.toString("utf8").replace("one", "two"))),
    () => writeFileSync(path, ""),
    () => rmSync(path),
  ];
  for (const spoil of wrong) {
    spoil();
    expect(() => store.archive.read("app-1")).toThrow(path);
  }
  writeFileSync(path, good);
  expect(store.archive.read("app-1").id).toBe("app-1");
  expect(() => store.archive.read("app-2")).toThrow("no session app-2");
});

it("a full disk while a session is put away leaves it in memory", () => {
  const { store, record } = withOne();
  store.commit({ next: bringBack(store.state, record), events: [] });
  const next = putAway(store.state, round);
  store.close();
  const isRecord = (path: string) => path.includes("/records/");
  const fs = {
    ...realFs,
    open: (path: string, flags: number, mode?: number) => {
      if (isRecord(path)) throw Object.assign(new Error("full"), { code: "ENOSPC" });
      return realFs.open(path, flags, mode);
    },
  };
  const again = openReal(store.layout.home, { fs });
  expect(() => again.commit({ next, events: [] })).toThrow(expect.objectContaining({ code: "NO_SPACE" }));
  expect(again.state.sessions["app-1"]).toEqual(record);
  again.close();
});

it("a power cut at any moment of putting away loses no session, and has none twice", () => {
  const disk = memFs();
  const store = openMem(disk);
  store.commit({ next: changed(store.state, "app-1", { ...OLD, summary: "mine" }), events: [] });
  const before = facts(store.state);
  let [inMemory, inFile] = [0, 0];
  disk.onCall = () => {
    for (const left of crashStates(disk)) {
      const again = openMem(left);
      const isThere = again.state.sessions["app-1"] !== undefined;
      if (isThere) expect(facts(again.state)).toEqual(before);
      else expect(again.archive.read("app-1").summary).toBe("mine");
      if (isThere) inMemory += 1;
      else inFile += 1;
      expect(again.problems.filter(({ kind }) => kind !== "log-torn")).toEqual([]);
    }
  };
  put(store);
  store.checkpoint();
  expect(inMemory).toBeGreaterThan(3);
  expect(inFile).toBeGreaterThan(3);
});

it("a start looks through the folder of archived files once, however many sessions there are", () => {
  const { home, store } = withOne();
  for (let n = 3; n <= 22; n++) store.commit({ next: changed(store.state, `app-${n}`, {}), events: [] });
  store.close();
  let looks = 0;
  const fs = {
    ...realFs,
    readdir: (path: string) => {
      if (path.endsWith("/sessions/archive")) looks += 1;
      return realFs.readdir(path);
    },
  };
  const again = openReal(home, { fs });
  again.close();
  // For unfinished files, for lost sessions, and for the files of those that are there.
  expect(looks).toBeLessThanOrEqual(3);
});

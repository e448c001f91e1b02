import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { expect, it } from "vitest";
import { atomicReplace, readSmall, syncDir } from "../host/files.ts";
import { type Fs, OPEN } from "../host/fs-port.ts";
import { emptyState } from "./fold.ts";
import { projectLayout } from "./layout.ts";
import { parseMetadata } from "./metadata.ts";
import { toEntries, viewPath } from "./session-view.ts";
import { crashStates } from "./testing/crash.ts";
import { type MemFs, memFs, newNode } from "./testing/mem-fs.ts";
import { facts, openMem } from "./testing/sample.ts";
import { type Progress, runSteps } from "./testing/workload.ts";

/** What is wrong with the store that opens on this disk, or null. */
function judge(disk: MemFs, progress: Progress): string | null {
  const store = openMem(disk);
  const now = facts(store.state);
  const isOld = isDeepStrictEqual(now, facts(progress.acked));
  const isNew = progress.open !== null && isDeepStrictEqual(now, facts(progress.open));
  if (!isOld && !isNew) return "the state is neither the acknowledged nor the next one";
  store.views.flush();
  for (const session of Object.values(store.state.sessions)) {
    const bytes = readSmall(viewPath("/home", session), { fs: disk });
    const view = bytes === null ? null : parseMetadata(bytes);
    if (view?.verdict !== "sealed") return `the view of ${session.id} is ${view?.verdict ?? "missing"}`;
    view.entries.delete("rev");
    if (!isDeepStrictEqual(view.entries, new Map(toEntries(session)))) return `the view of ${session.id} is stale`;
  }
  const alarms = store.problems.filter(({ kind }) => kind !== "log-torn" && kind !== "checkpoint-damaged");
  if (alarms.length > 0) return `false alarm: ${alarms[0]?.message}`;
  const again = openMem(disk);
  if (!isDeepStrictEqual(facts(again.state), now)) return "opening it again gave a different state";
  return again.problems.length === 0 ? null : `opening again found ${again.problems[0]?.message}`;
}

/** Runs `work` on a disk and cuts the power before each system call in every way. */
function enumerate(disk: MemFs, work: () => void, check: (after: MemFs) => string | null) {
  const violations: string[] = [];
  let states = 0;
  disk.onCall = (name, path) => {
    for (const after of crashStates(disk)) {
      states += 1;
      let wrong: string | null;
      try {
        wrong = check(after);
      } catch (error) {
        wrong = `recovery threw ${String(error)}`;
      }
      if (wrong !== null) violations.push(`before ${name} ${path} (call ${disk.calls}): ${wrong}`);
    }
  };
  work();
  return { states, violations };
}

it("keeps every acknowledged commit, and adds none, in any state that a power cut can leave", {
  timeout: 120_000,
}, () => {
  const disk = memFs();
  const progress: Progress = { acked: emptyState(), open: null };
  const { states, violations } = enumerate(
    disk,
    () => {
      const store = openMem(disk);
      runSteps(store, progress);
      store.close();
    },
    (after) => judge(after, progress),
  );
  console.log(`crash states of a life of two sessions: ${states} states, ${violations.length} violations`);
  expect(violations.slice(0, 5)).toEqual([]);
  expect(states).toBeGreaterThan(500);
});

it("survives a second power cut while it recovers from a torn write", { timeout: 120_000 }, () => {
  const progress: Progress = { acked: emptyState(), open: null };
  const before = memFs();
  const store = openMem(before, { segmentBytes: 1 << 20 });
  runSteps(store, progress);
  const [name, segment] = [...(before.root.names.get("home")?.names.get("events")?.names ?? [])][0] ?? [];
  const whole = segment?.bytes ?? Buffer.alloc(0);
  let states = 0;
  const violations: string[] = [];
  for (const torn of [whole.subarray(0, whole.length - 40), Buffer.concat([whole, Buffer.alloc(90)])]) {
    const disk = memFs();
    openMem(disk).close();
    const events = disk.root.names.get("home")?.names.get("events");
    const file = newNode(false, 0o600);
    file.bytes = file.synced = torn;
    events?.names.clear();
    events?.names.set(String(name), file);
    events?.syncedNames.clear();
    events?.syncedNames.set(String(name), file);
    const daemon = disk.root.names.get("home")?.names.get("daemon");
    for (const name of ["checkpoint.json", "checkpoint.previous.json"]) {
      daemon?.names.delete(name);
      daemon?.syncedNames.delete(name);
    }
    const expected: Progress = {
      acked: torn.length < whole.length ? withoutLast(progress.acked) : progress.acked,
      open: null,
    };
    const found = enumerate(
      disk,
      () => openMem(disk),
      (after) => judge(after, expected),
    );
    states += found.states;
    violations.push(...found.violations);
  }
  console.log(`crash states within recovery: ${states} states, ${violations.length} violations`);
  expect(violations.slice(0, 5)).toEqual([]);
});

/** The last step of the workload pauses everything and notes a wish. */
const withoutLast = (state: Progress["acked"]) => ({ ...state, isPaused: false, wishes: {} });

/** The usual ways to write a file, each of which leaves something out. */
const CARELESS: Record<string, (fs: Fs, path: string, bytes: Buffer) => void> = {
  "written in place": (fs, path, bytes) => {
    const fd = fs.open(path, OPEN.append);
    fs.ftruncate(fd, 0);
    fs.write(fd, bytes);
    fs.fsync(fd);
    fs.close(fd);
  },
  "renamed without a sync of the file": (fs, path, bytes) => {
    const fd = fs.open(`${path}.tmp`, OPEN.createNew);
    fs.write(fd, bytes);
    fs.close(fd);
    fs.rename(`${path}.tmp`, path);
    syncDir(fs, dirname(path));
  },
  "renamed without a sync of the folder": (fs, path, bytes) => {
    const fd = fs.open(`${path}.tmp`, OPEN.createNew);
    fs.write(fd, bytes);
    fs.fsync(fd);
    fs.close(fd);
    fs.rename(`${path}.tmp`, path);
  },
};

function replaceThrice(replace: (fs: Fs, path: string, bytes: Buffer) => void) {
  const disk = memFs();
  const contents = [1, 2, 3, 4].map((number) => Buffer.from(`content ${number} `.repeat(number * 5)));
  let acked = 0;
  atomicReplace("/file", contents[0] as Buffer, { fs: disk });
  return enumerate(
    disk,
    () => {
      for (let number = 1; number <= 3; number++) {
        replace(disk, "/file", contents[number] as Buffer);
        acked = number;
      }
      disk.statfs("/");
    },
    (after) => {
      const bytes = readSmall("/file", { fs: after });
      const found = contents.findIndex((content) => bytes !== null && content.equals(bytes));
      return found >= acked ? null : found === -1 ? "unreadable" : "an acknowledged content was lost";
    },
  );
}

it("replaces a file atomically, and the same check detects three careless ways", () => {
  const good = replaceThrice((fs, path, bytes) => atomicReplace(path, bytes, { fs }));
  expect(good.violations).toEqual([]);
  for (const [name, careless] of Object.entries(CARELESS)) {
    const bad = replaceThrice(careless);
    console.log(`${name}: ${bad.violations.length} violations in ${bad.states} states`);
    expect(bad.violations.length).toBeGreaterThan(0);
  }
  console.log(`atomicReplace: 0 violations in ${good.states} states`);
  expect(projectLayout("/home", "0123456789ab", "app").dir).toBe("/home/0123456789ab-app");
});

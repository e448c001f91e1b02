import { isDeepStrictEqual } from "node:util";
import { expect, it } from "vitest";
import { atomicReplace, ensureDir } from "../host/files.ts";
import { isAoError } from "../model/errors.ts";
import { emptyState } from "./fold.ts";
import type { Store } from "./store.ts";
import { crashStates, digest } from "./testing/crash.ts";
import { type Fault, faultFs } from "./testing/fault-fs.ts";
import { memFs } from "./testing/mem-fs.ts";
import { facts, openMem } from "./testing/sample.ts";
import { type Progress, runSteps } from "./testing/workload.ts";

/** Runs one life with a fault, then one without on the same disk. Returns what is wrong, or null. */
function live(kind: Fault, from: number, count: number): { wrong: string | null; calls: number } {
  const disk = memFs();
  const fs = faultFs(disk, { kind, from, count });
  const progress: Progress = { acked: emptyState(), open: null };
  const wrongs: string[] = [];
  let store: Store | null = null;
  try {
    const opened = openMem(disk, { fs });
    store = opened;
    runSteps(opened, progress, (error) => {
      if (!isAoError(error)) wrongs.push(`a commit threw ${String(error)}`);
      if (!isDeepStrictEqual(facts(opened.state), facts(progress.acked)))
        wrongs.push("a failed commit changed the state");
    });
    opened.close();
  } catch (error) {
    if (!isAoError(error)) wrongs.push(`threw ${String(error)}`);
  }
  const [afterPowerCut] = crashStates(disk);
  for (const left of afterPowerCut === undefined ? [] : [afterPowerCut]) {
    const found = facts(openMem(left).state);
    const isKnown = [progress.acked, progress.open].some(
      (state) => state !== null && isDeepStrictEqual(found, facts(state)),
    );
    if (!isKnown) wrongs.push("after a power cut an acknowledged commit was lost");
  }
  const again = openMem(disk);
  const now = facts(again.state);
  const isOld = isDeepStrictEqual(now, facts(progress.acked));
  const isNew = progress.open !== null && isDeepStrictEqual(now, facts(progress.open));
  if (!isOld && !isNew) wrongs.push("an acknowledged commit was lost, or one was added");
  if (isNew && store?.poisonedBy === null) wrongs.push("a commit that was refused came back");
  if (again.problems.some(({ kind: found }) => found === "log-damaged" || found === "log-gap")) {
    wrongs.push(String(again.problems[0]?.message));
  }
  const leftOver = /\.tmp-/.test(digest(disk.root));
  if (leftOver) wrongs.push("an unfinished file was left");
  again.commit({ next: { ...again.state, isPaused: !again.state.isPaused }, events: [] });
  return { wrong: wrongs[0] ?? null, calls: fs.calls };
}

it("loses no acknowledged commit whichever system call fails, however it fails", { timeout: 120_000 }, () => {
  const kinds: Fault[] = ["ENOSPC", "EIO", "EMFILE", "short"];
  const violations: string[] = [];
  let runs = 0;
  for (const kind of kinds) {
    for (const count of [1, 2, 25]) {
      for (let from = 1; ; from++) {
        const { wrong, calls } = live(kind, from, count);
        runs += 1;
        if (wrong !== null) violations.push(`${kind} x${count} at call ${from}: ${wrong}`);
        if (from > calls) break;
      }
    }
  }
  console.log(`failing system calls: ${runs} runs, ${violations.length} violations`);
  expect(violations.slice(0, 8)).toEqual([]);
  expect(runs).toBeGreaterThan(1390);
});

it("writes the same bytes when each write takes only one byte", () => {
  const run = (isSlow: boolean): string => {
    const disk = memFs();
    // The signatures in the files depend on it.
    ensureDir("/home/daemon", { fs: disk });
    atomicReplace("/home/daemon/secret", `${"5e".repeat(32)}\n`, { fs: disk });
    const fs = isSlow ? faultFs(disk, { kind: "one-byte", from: 1, count: Number.POSITIVE_INFINITY }) : disk;
    let id = 0;
    const store = openMem(disk, { fs, ids: () => `id${++id}` });
    runSteps(store, { acked: emptyState(), open: null });
    store.close();
    return digest(disk.root);
  };
  expect(run(true)).toBe(run(false));
});

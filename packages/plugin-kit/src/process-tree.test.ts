import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import { expect, onTestFinished, test, vi } from "vitest";
import { isRunning, type ProcessRef, startIdOf } from "./process.ts";
import { endTree, processTree } from "./process-tree.ts";

function start(script: string, env: Record<string, string> = {}): { child: ChildProcess; ref: ProcessRef } {
  const child = spawn("sh", ["-c", script], {
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
    env: { PATH: process.env.PATH ?? "", ...env },
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const ref = { pid: child.pid ?? 0, startId: startIdOf(child.pid ?? 0) ?? "" };
  return { child, ref };
}

async function line(child: ChildProcess): Promise<string> {
  const [chunk] = (await once(child.stdout ?? child, "data")) as [Buffer];
  return chunk.toString().trim();
}

test("a pid with another start is another process", () => {
  const mine = startIdOf(process.pid) ?? "";
  expect(isRunning({ pid: process.pid, startId: mine })).toBe(true);
  expect(isRunning({ pid: process.pid, startId: `${mine}0` })).toBe(false);
});

test("a program that has ended counts as gone while nobody has reaped it", async () => {
  const { child, ref } = start("sleep 0 & echo $!; exec sleep 30");
  const zombie = Number(await line(child));
  await vi.waitFor(() => expect(startIdOf(zombie)).toBe(null));
  expect(isRunning(ref)).toBe(true);
});

test("ending a tree ends what left it with setsid and ignores TERM, and spares the caller", async () => {
  const marks = { AO_SESSION_ID: `t-${process.pid}`, AO_HOME: "/nowhere" };
  const { child, ref } = start(
    "setsid sh -c 'trap \"\" TERM; echo $$; while :; do sleep 0.1; done' & sleep 60 & exec sleep 60",
    marks,
  );
  const stray = Number(await line(child));
  const strayRef = { pid: stray, startId: startIdOf(stray) ?? "" };
  expect(processTree({ roots: [ref], marks }).length).toBeGreaterThanOrEqual(3);
  await endTree({ roots: [ref], marks, clock: systemClock, graceMs: 200 });
  expect(isRunning(ref)).toBe(false);
  expect(isRunning(strayRef)).toBe(false);
  expect(processTree({ roots: [ref], marks })).toEqual([]);
});

test("descendants that outlived their parent are found by the variables they were started with", async () => {
  const marks = { AO_SESSION_ID: `o-${process.pid}`, AO_HOME: "/nowhere" };
  const { child, ref } = start("setsid sh -c 'echo $$; exec sleep 60' & wait $!; :", marks);
  const orphan = Number(await line(child));
  child.kill("SIGKILL");
  await vi.waitFor(() => expect(isRunning(ref)).toBe(false));
  expect(processTree({ roots: [ref] }).map((row) => row.pid)).not.toContain(orphan);
  await endTree({ roots: [ref], marks, clock: systemClock, graceMs: 500 });
  expect(startIdOf(orphan)).toBe(null);
});

test("a process of the same name in another home is left alone", async () => {
  const { ref } = start("exec sleep 60", { AO_SESSION_ID: "x-1", AO_HOME: "/other" });
  await endTree({ roots: [], marks: { AO_SESSION_ID: "x-1", AO_HOME: "/nowhere" }, clock: systemClock });
  expect(isRunning(ref)).toBe(true);
});

test("a program that is stopped is ended too", async () => {
  const { ref } = start("exec sleep 60");
  process.kill(ref.pid, "SIGSTOP");
  await endTree({ roots: [ref], clock: systemClock, graceMs: 2_000 });
  expect(isRunning(ref)).toBe(false);
});

import { type ChildProcess, spawn } from "node:child_process";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, onTestFinished, test } from "vitest";
import { isRunning, startIdOf } from "./process.ts";
import { endSessionProcesses, sessionProcesses } from "./session-processes.ts";

/** An agent that runs this script, and a marked process of another launch. */
function agent(script: string) {
  const start = (text: string, mark: string): ChildProcess => {
    const env = { PATH: process.env.PATH ?? "", AO_RUNTIME_ID: mark };
    const child = spawn("sh", ["-c", text], { stdio: "ignore", detached: true, env });
    onTestFinished(() => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    });
    return child;
  };
  const mark = `mark-${process.pid}-${Math.random()}`;
  const pid = start(script, mark).pid ?? 0;
  const root = { pid, startId: startIdOf(pid) ?? "" };
  const otherPid = start("sleep 611", "another launch").pid ?? 0;
  const other = { pid: otherPid, startId: startIdOf(otherPid) ?? "" };
  const tree = { roots: [root], marks: { AO_RUNTIME_ID: mark } };
  return { root, other, tree, list: () => sessionProcesses(tree, systemClock) };
}

const until = (list: () => { command: string }[], commands: string[]) =>
  waitFor(() => commands.every((command) => list().some((row) => row.command === command)), { what: "its processes" });

test("a session's processes have a command line, a parent and the time of their start, and its program is none of them", async () => {
  const before = Date.now();
  const { root, list } = agent("sh -c 'sleep 601; :' & setsid sleep 602 & wait");
  await until(list, ["sleep 601", "sleep 602"]);
  const rows = list();
  expect(rows.map(({ pid }) => pid)).not.toContain(root.pid);
  const shell = rows.find(({ command }) => command.startsWith("sh -c"));
  expect(rows.find(({ command }) => command === "sleep 601")?.parent).toBe(shell?.pid);
  for (const { startedAt } of rows) {
    expect(Date.parse(startedAt)).toBeGreaterThan(before - 2_000);
    expect(Date.parse(startedAt)).toBeLessThan(Date.now() + 2_000);
  }
});

test("only those that are named are ended, with what runs below them", async () => {
  const { root, list } = agent("sh -c 'sleep 601; :' & setsid sleep 602 & wait");
  await until(list, ["sleep 601", "sleep 602"]);
  const named = list().filter(({ command }) => command.startsWith("sh -c"));
  await endSessionProcesses(named, { roots: [root], clock: systemClock, graceMs: 500 });
  expect(list().map(({ command }) => command)).toEqual(["sleep 602"]);
  expect(isRunning(root)).toBe(true);
});

test("neither the program itself, nor another launch's process, nor a pid that was given away is ended", async () => {
  const { root, other, tree, list } = agent("sleep 601 & wait");
  await until(list, ["sleep 601"]);
  const reused = list().map((row) => ({ ...row, startId: `${row.startId}0` }));
  await endSessionProcesses([root, other, ...reused], { ...tree, clock: systemClock, graceMs: 100 });
  expect([isRunning(root), isRunning(other), list().length]).toEqual([true, true, 1]);
});

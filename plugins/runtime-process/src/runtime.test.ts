import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RuntimeFact } from "@agent-orchestrator/core/slots/runtime";
import { startIdOf } from "@agent-orchestrator/plugin-kit/process";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bench, buildHelpers } from "./testing/bench.ts";

let helpers: { dir: string; remove(): void };
beforeAll(async () => {
  helpers = await buildHelpers();
});
afterAll(() => helpers.remove());

const alive = (pid: unknown) => startIdOf(Number(pid)) !== null;

describe.each(["auto", "pipe"])("with terminal: %s", (terminal) => {
  const set = () => bench(helpers.dir, { terminal });

  test("no secret from the environment appears on a command line or in a file", async () => {
    const { runtime, start, context } = set();
    const handle = await start("exec sleep 60", { environment: { ...context.env(), TOKEN: "s3cret-in-env" } });
    const { runner } = handle.data as { runner: { pid: number } };
    expect(readFileSync(`/proc/${runner.pid}/cmdline`, "utf8")).not.toContain("s3cret");
    expect(readFileSync(`/proc/${runner.pid}/environ`, "utf8")).not.toContain("s3cret");
    expect(() => execFileSync("grep", ["-r", "s3cret-in-env", context.home])).toThrow();
    expect(await runtime.isAlive(handle)).toBe(true);
  });

  test("a second create with the same intent finds the first one's program", async () => {
    const { runtime, start, again, workspacePath } = set();
    const script = "echo started >> log; exec sleep 60";
    const more = { sessionId: "app-77", intentId: "same" };
    const [one, two] = await Promise.all([start(script, more), start(script, more)]);
    const three = await start(script, more);
    expect(two).toEqual(one);
    expect(three).toEqual(one);
    expect(await again().list?.()).toEqual([{ sessionId: "app-77", instanceId: "0123456789ab", handle: one }]);
    expect(readFileSync(join(workspacePath, "log"), "utf8")).toBe("started\n");
    expect(await runtime.isAlive(one)).toBe(true);
  });

  test("destroy ends everything the program started, including what left its tree, and can be repeated", async () => {
    const { runtime, start, workspacePath } = set();
    const handle = await start(
      "setsid sh -c 'trap \"\" TERM HUP; echo $$ > stray; while :; do sleep 1; done' & sleep 60 & echo $! > child; wait",
    );
    const pid = (name: string) => Number(readFileSync(join(workspacePath, name), "utf8"));
    await waitFor(() => pid("stray") > 0 && pid("child") > 0);
    await runtime.destroy(handle);
    const { runner, pid: agent } = handle.data as { runner: { pid: number }; pid: number };
    for (const gone of [pid("stray"), pid("child"), agent, runner.pid]) expect(alive(gone)).toBe(false);
    await runtime.destroy(handle);
    expect(await runtime.list?.()).toEqual([]);
  });

  test("after the runner is killed, the agent is still judged, and its exit status is reported as unknown", async () => {
    const { runtime, start } = set();
    const handle = await start("trap '' HUP; while :; do sleep 0.1; done");
    const facts: RuntimeFact[] = [];
    const watch = await runtime.watch?.(handle, (fact) => facts.push(fact));
    const { runner, pid } = handle.data as { runner: { pid: number }; pid: number };
    process.kill(runner.pid, "SIGKILL");
    await waitFor(() => !alive(runner.pid));
    expect(await runtime.isAlive(handle)).toBe(true);
    await expect(runtime.sendMessage(handle, "x")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    process.kill(pid, "SIGKILL");
    await waitFor(() => facts.some((fact) => fact.kind === "exit"), { what: "the end to be seen" });
    expect(facts.at(-1)).toMatchObject({ kind: "exit", exit: null });
    expect(await runtime.getProcess?.(handle)).toMatchObject({ alive: false, exit: null });
    await watch?.stop();
  });

  test("keeps only the newest output, however much is printed", async () => {
    const { runtime, start } = bench(helpers.dir, { terminal, outputBytes: 65_536 });
    const handle = await start("seq 1 100000");
    await waitFor(async () => !(await runtime.isAlive(handle)));
    await runtime.getProcess?.(handle);
    expect((await runtime.getOutput(handle, 3)).split("\n")).toEqual(["99998", "99999", "100000"]);
    const { dir } = handle.data as { dir: string };
    expect(statSync(join(dir, "output.log")).size).toBeLessThan(65_536 + 65_536);
  });

  test("interrupt reaches the program", async () => {
    const { runtime, start } = set();
    const handle = await start("trap 'echo interrupted; exit 9' INT; echo up; while :; do sleep 0.1; done");
    await waitFor(async () => (await runtime.getOutput(handle)).includes("up"));
    await runtime.sendKeys?.(handle, ["C-c"]);
    await waitFor(async () => !(await runtime.isAlive(handle)));
    expect(await runtime.getOutput(handle)).toContain("interrupted");
  });
});

test("text for stdin is passed through a pipe that is then closed", async () => {
  const { runtime, start } = bench(helpers.dir);
  const handle = await start("cat; echo end", { stdin: "the whole prompt\n" });
  await waitFor(async () => !(await runtime.isAlive(handle)));
  await runtime.getProcess?.(handle);
  expect(await runtime.getOutput(handle)).toBe("the whole prompt\nend");
});

test("a launch whose runner died halfway is removed, and the next call starts it", async () => {
  const { runtime, start } = bench(helpers.dir);
  const handle = await start("exec sleep 60", { sessionId: "app-9", intentId: "half" });
  const { dir, runner, pid } = handle.data as { dir: string; runner: { pid: number }; pid: number };
  rmSync(join(dir, "record.json"));
  process.kill(runner.pid, "SIGKILL");
  await waitFor(() => !alive(runner.pid));
  const second = await start("exec sleep 60", { sessionId: "app-9", intentId: "half" });
  expect(second.data.pid).not.toBe(pid);
  expect(alive(pid)).toBe(false);
  expect(await runtime.isAlive(second)).toBe(true);
});

test("what a runner started before it died halfway is listed, and can be ended", async () => {
  const { runtime, start, again } = bench(helpers.dir);
  const handle = await start("trap '' HUP; setsid sleep 60 & echo $!; exec sleep 60", { sessionId: "app-10" });
  // Without its trap, the end of its terminal would end it too.
  await waitFor(async () => (await runtime.getOutput(handle)) !== "");
  const { dir, runner, pid } = handle.data as { dir: string; runner: { pid: number }; pid: number };
  rmSync(join(dir, "record.json"));
  process.kill(runner.pid, "SIGKILL");
  await waitFor(() => !alive(runner.pid));
  const found = await waitFor(async () => (await again().list?.())?.[0]);
  expect(found.sessionId).toBe("app-10");
  await runtime.destroy(found.handle);
  expect(alive(pid)).toBe(false);
  expect(await runtime.list?.()).toEqual([]);
});

test("a socket path that is too long is an error before anything is started", async () => {
  const { create } = await import("./index.ts");
  const { context, workspacePath } = bench(helpers.dir);
  const runtime = create({}, { ...context, socketDir: join(context.home, "x".repeat(120)) });
  const config = { sessionId: "app-1", workspacePath, launchCommand: "true", environment: {} };
  await expect(runtime.create(config)).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

test("tells doctor whether agents get a terminal", async () => {
  const { runtime } = bench(helpers.dir);
  const lines = await runtime.check?.();
  expect(lines?.map((line) => line.text).join("\n")).toMatch(/a terminal \(@lydell\/node-pty\)/);
});

test("a runner is small", async ({ skip }) => {
  // Each agent pays for whatever is added to its bundle.
  expect(statSync(join(helpers.dir, "process-runner-entry.js")).size).toBeLessThan(40 * 1024);
  skip(process.platform !== "linux", "only Linux tells how much memory is a process's own");
  const { start } = bench(helpers.dir);
  const handle = await start("exec sleep 60");
  const { runner } = handle.data as { runner: { pid: number } };
  const rollup = readFileSync(`/proc/${runner.pid}/smaps_rollup`, "utf8");
  const mib = (name: string) => Math.round(Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(rollup)?.[1]) / 1024);
  console.log(`runner: RSS ${mib("Rss")} MiB, of its own ${mib("Private_Dirty")} MiB`);
  expect(mib("Private_Dirty")).toBeLessThan(16);
});

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, describe, expect, it } from "vitest";
import { daemonsOf } from "./support/processes.ts";
import { DAEMON, Sandbox } from "./support/sandbox.ts";
import { figure, isNightly } from "./support/tier.ts";

let box: Sandbox;
const continueAll = () => {
  for (const { pid } of daemonsOf(box.home)) process.kill(pid, "SIGCONT");
};
afterEach(async ({ task }) => {
  continueAll();
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

/** A daemon that was stopped is noticed after a second, and a command starts, asks and prints. */
const SOON_MS = 8_000;

async function running(): Promise<number> {
  box = new Sandbox({ agentArgs: ["--idle"] });
  expect((await box.ao("start")).status).toBe(0);
  const pid = box.daemonPid();
  if (pid === null) throw new Error("no daemon");
  return pid;
}

const socketOf = () => join(box.home, "daemon/ao.sock");

describe("while a signal has stopped the daemon", () => {
  it("each command names it soon, and what was asked is not done later", async () => {
    const pid = await running();
    await box.trust();
    const spawned = await box.ao("spawn", "app", "1");
    expect(spawned.status, spawned.stderr).toBe(0);
    process.kill(pid, "SIGSTOP");
    const took: number[] = [];
    for (const args of [["status"], ["kill", "app-1"], ["spawn", "app", "2"], ["send", "app-1", "late"]]) {
      const answer = await box.ao(...args);
      expect(answer.status, answer.stderr).toBe(69);
      expect(answer.stderr).toMatch(
        new RegExp(
          `^ao: the daemon \\(pid ${pid}\\) does not answer, because a signal has stopped it\n  hint: .*kill -CONT`,
        ),
      );
      took.push(Math.round(answer.ms));
    }
    const doctor = await box.ao("doctor");
    expect(doctor.status).toBe(1);
    expect(doctor.stdout).toContain(
      `✗ daemon: the daemon (pid ${pid}) does not answer, because a signal has stopped it`,
    );
    expect(Math.max(...took)).toBeLessThan(SOON_MS);
    process.kill(pid, "SIGCONT");
    const [only, ...others] = await box.get("status", { all: true });
    expect(others).toEqual([]);
    expect(only).toMatchObject({ id: "app-1", status: "working" });
    expect(box.agentEvents().filter(({ text }) => text === "late")).toEqual([]);
    figure(`daemon stopped: an error after ${took.join(", ")} ms (before: 25 to 90 s)`);
  });

  it("`ao stop` continues it and stops it, and `ao restart` replaces it", async () => {
    const first = await running();
    process.kill(first, "SIGSTOP");
    const restarted = await box.ao("restart");
    expect(restarted.status, restarted.stderr).toBe(0);
    expect(restarted.stderr).toBe(`ao: a signal had stopped the daemon (pid ${first}), it is continued\n`);
    const second = box.daemonPid() ?? 0;
    expect(second).not.toBe(first);
    process.kill(second, "SIGSTOP");
    rmSync(socketOf());
    const stopped = await box.ao("stop");
    expect([stopped.status, stopped.stdout]).toEqual([0, "the daemon has stopped, the agents keep running\n"]);
    expect(daemonsOf(box.home)).toEqual([]);
    expect((await box.ao("stop")).stdout).toBe("no daemon is running\n");
  });
});

it("the user's token is written again when it was lost, emptied or changed", async () => {
  await running();
  const token = join(box.home, "daemon/token");
  const before = readFileSync(token, "utf8");
  for (const damage of [() => rmSync(token), () => writeFileSync(token, ""), () => writeFileSync(token, "x\n")]) {
    damage();
    await waitFor(() => existsSync(token) && readFileSync(token, "utf8") === before, { what: "the token" });
    expect((await box.ao("status")).status).toBe(0);
    expect(statSync(token).mode & 0o777).toBe(0o600);
  }
});

describe("a socket that is gone", () => {
  it("is made again, also if something else was put in its place", async () => {
    const pid = await running();
    const times: number[] = [];
    const impostor = createServer((socket) => socket.destroy());
    for (const lose of [
      () => rmSync(socketOf()),
      () => rmSync(join(box.home, "daemon/daemon.json")),
      () => {
        rmSync(socketOf());
        writeFileSync(socketOf(), "");
      },
      async () => {
        rmSync(socketOf());
        await new Promise<void>((resolve) => impostor.listen(socketOf(), resolve));
      },
    ]) {
      await lose();
      const began = performance.now();
      await waitFor(async () => (await box.ask("ping", {})).ok && existsSync(join(box.home, "daemon/daemon.json")), {
        timeoutMs: 5_000,
        what: "an answer",
      });
      times.push(Math.round(performance.now() - began));
      expect(box.info()?.pid).toBe(pid);
    }
    rmSync(socketOf());
    const answer = await box.ao("status");
    expect(answer.status, answer.stderr).toBe(0);
    // What was started for the command finds the lock taken, and ends.
    await waitFor(() => daemonsOf(box.home).length === 1, { what: "one daemon" });
    expect(daemonsOf(box.home)[0]?.pid).toBe(pid);
    process.kill(pid, "SIGSTOP");
    rmSync(socketOf());
    const doctor = await box.ao("doctor");
    process.kill(pid, "SIGCONT");
    expect(doctor.stdout).toContain(
      `✗ daemon: the daemon (pid ${pid}) does not answer, because a signal has stopped it`,
    );
    expect(doctor.stdout).toContain(`! daemon: the daemon (pid ${pid}) runs, but its socket ${socketOf()} is missing`);
    await new Promise<void>((resolve) => impostor.close(() => resolve()));
    figure(`a socket that was removed or replaced: reachable again after ${times.join(", ")} ms`);
  });

  it("does not hide the daemon from `ao stop` and `ao restart`", async () => {
    const first = await running();
    rmSync(socketOf());
    expect((await box.ao("restart")).status).toBe(0);
    expect(box.daemonPid()).not.toBe(first);
    rmSync(socketOf());
    mkdirSync(socketOf()); // it cannot be made again here
    const stopped = await box.ao("stop");
    expect(stopped.status, stopped.stderr).toBe(0);
    expect(stopped.stderr).toContain("does not answer, so it is told to end by SIGTERM");
    expect(daemonsOf(box.home)).toEqual([]);
  });
});

/** Holds the lock as a daemon does whose thread never comes back: it answers nothing, and no signal that can be ignored ends it. */
const HANGING = `
  const { openSync } = require("node:fs");
  const { tryLock } = require(${JSON.stringify(createRequire(DAEMON).resolve("fs-native-extensions"))});
  process.on("SIGTERM", () => undefined);
  const held = tryLock(openSync(process.argv[1], "r+"));
  process.stdout.write(held ? "held" : "taken");
  setInterval(() => undefined, 1000);
`;

it.runIf(isNightly)("a daemon that hangs is named, and ended by the last signal", async () => {
  await running();
  expect((await box.ao("stop")).status).toBe(0);
  const child = spawn(process.execPath, ["-e", HANGING, join(box.home, "daemon/lock")], {
    stdio: ["ignore", "pipe", 2],
  });
  let said = "";
  child.stdout?.on("data", (text: Buffer) => (said += text.toString()));
  await waitFor(() => said === "held", { what: "the lock" });
  try {
    const status = await box.ao("status");
    expect(status.status).toBe(69);
    expect(status.stderr).toContain(`the daemon (pid ${child.pid}) did not answer within 10 s`);
    expect(status.ms).toBeLessThan(10_000 + SOON_MS);
    const stopped = await box.ao("stop");
    expect([stopped.status, stopped.stdout]).toEqual([0, "the daemon has stopped, the agents keep running\n"]);
    expect(stopped.stderr).toContain(`the daemon (pid ${child.pid}) did not end, so it is ended by SIGKILL`);
    await waitFor(() => child.signalCode === "SIGKILL", { what: "its end" });
    figure(`a daemon that hangs: named after ${Math.round(status.ms)} ms, ended after ${Math.round(stopped.ms)} ms`);
  } finally {
    child.kill("SIGKILL");
  }
});

it("no process is signalled that only has the number of a former daemon", async () => {
  const pid = await running();
  await box.kill9();
  await waitFor(() => daemonsOf(box.home).length === 0);
  const file = join(box.home, "daemon/daemon.json");
  const own = { ...JSON.parse(readFileSync(file, "utf8")), pid: process.pid };
  writeFileSync(file, JSON.stringify(own));
  expect(pid).not.toBe(process.pid);
  const stopped = await box.ao("stop");
  expect([stopped.status, stopped.stdout, stopped.stderr]).toEqual([0, "no daemon is running\n", ""]);
});

it("1,500 connections that ask nothing do not keep commands waiting", async () => {
  await running();
  const alone = await box.ao("status");
  const sockets: Socket[] = [];
  let refused = 0;
  for (let count = 0; count < 1_500; count += 1) {
    const socket = connect(socketOf());
    socket.on("error", () => undefined); // closed by the daemon
    socket.on("close", () => (refused += 1));
    socket.resume();
    socket.write(count % 2 === 0 ? "" : "POST /v1/status HTTP/1.1\r\nhost: ao\r\ncontent-length: 10\r\n\r\n{");
    sockets.push(socket);
    if (count % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
  }
  await waitFor(() => refused >= 1_300, { timeoutMs: 10_000, what: "the cap" });
  const crowded = await box.ao("status");
  expect(crowded.status, crowded.stderr).toBe(0);
  expect(crowded.ms).toBeLessThan(SOON_MS);
  for (const socket of sockets) socket.destroy();
  figure(
    `\`ao status\`: ${Math.round(alone.ms)} ms alone, ${Math.round(crowded.ms)} ms beside 1,500 half-open connections (${refused} were closed)`,
  );
});

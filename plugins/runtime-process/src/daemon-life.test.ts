import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { bench, buildHelpers } from "./testing/bench.ts";

let helpers: { dir: string; remove(): void };
beforeAll(async () => {
  helpers = await buildHelpers();
});
afterAll(() => helpers.remove());

/** A process that starts one agent and then idles until it is killed. */
const DAEMON = `
import { systemClock } from "@agent-orchestrator/core/host/clock";
import { create } from "./index.ts";
const { context, config } = JSON.parse(process.argv[2] ?? "");
const env = () => ({ PATH: process.env.PATH ?? "" });
const log = { debug() {}, warn() {} };
const runtime = create({}, { ...context, clock: systemClock, env, log, wake() {} });
process.stdout.write(JSON.stringify(await runtime.create(config)) + "\\n");
setTimeout(() => undefined, 600_000);
`;

test("after the daemon is killed with -9, the agent keeps running, is found again, gets its message, and its end is known", async () => {
  const set = bench(helpers.dir);
  const here = dirname(fileURLToPath(import.meta.url));
  const file = join(tempDir(), "daemon.mjs");
  const stdin = { contents: DAEMON, resolveDir: here, loader: "ts" as const };
  await build({
    stdin,
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["source"],
    banner: BANNER,
  });
  const { home, stateDir, socketDir, programsDir } = set.context;
  const config = {
    sessionId: "app-5",
    workspacePath: set.workspacePath,
    launchCommand: 'while read -r l; do echo "$l" >> got; [ "$l" = stop ] && exit 6; done',
    environment: { ...set.context.env(), AO_SESSION_ID: "app-5", AO_HOME: home },
    intentId: "one",
  };
  const words = [file, JSON.stringify({ context: { home, stateDir, socketDir, programsDir }, config })];
  const daemon = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void daemon.kill("SIGKILL"));
  const [line] = (await once(daemon.stdout, "data")) as [Buffer];
  const handle = JSON.parse(line.toString()) as RuntimeHandle;
  onTestFinished(() => set.runtime.destroy(handle));
  daemon.kill("SIGKILL");
  await once(daemon, "exit");
  expect(await set.runtime.isAlive(handle)).toBe(true);
  expect((await set.runtime.list?.())?.map((held) => held.handle)).toEqual([handle]);
  expect(await set.runtime.create(config)).toEqual(handle);
  await set.runtime.sendMessage(handle, "work", { id: "m1" });
  await set.runtime.sendMessage(handle, "work", { id: "m1" });
  await set.runtime.sendMessage(handle, "stop", { id: "m2" });
  await waitFor(async () => !(await set.runtime.isAlive(handle)));
  expect((await set.runtime.getProcess?.(handle))?.exit).toMatchObject({ code: 6 });
  expect(readFileSync(join(set.workspacePath, "got"), "utf8")).toBe("work\nstop\n");
});

const BANNER = { js: 'import { createRequire as r } from "node:module"; const require = r(import.meta.url);' };

test("a daemon that dies in the middle of a request has started nothing", async () => {
  const dir = tempDir();
  const runner = spawn(process.execPath, [join(helpers.dir, "process-runner-entry.js")], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const line = runner.stdio[3] as NodeJS.WritableStream;
  line.end(JSON.stringify({ dir, argv: ["touch", join(dir, "ran")] }));
  await once(runner, "exit");
  expect(readdirSync(dir)).toEqual([]);
});

test("ended launches of a session leave one record, not one each", async () => {
  const set = bench(helpers.dir);
  const sessionDir = join(set.context.home, "s");
  mkdirSync(sessionDir);
  for (let turn = 1; turn <= 4; turn++) {
    const handle = await set.start(`echo turn ${turn}`, { sessionId: "app-8", sessionDir });
    await waitFor(async () => !(await set.runtime.isAlive(handle)));
    await set.runtime.getProcess?.(handle);
  }
  await set.start("exec sleep 60", { sessionId: "app-8", sessionDir });
  expect(readdirSync(join(sessionDir, "process"))).toHaveLength(2);
  expect(readdirSync(join(set.context.stateDir, "launches"))).toHaveLength(1);
});

test("destroying an old launch does not touch the new one of the same session", async () => {
  const set = bench(helpers.dir);
  const old = await set.start("setsid sleep 61 & exec sleep 62", { sessionId: "app-6", intentId: "a" });
  const young = await set.start("setsid sleep 63 & exec sleep 64", { sessionId: "app-6", intentId: "b" });
  await set.runtime.destroy(old);
  expect(await set.runtime.isAlive(old)).toBe(false);
  expect(await set.runtime.isAlive(young)).toBe(true);
});

test("a missing session folder is reported as such", async () => {
  const set = bench(helpers.dir);
  await expect(set.start("true", { workspacePath: "/no/such/folder" })).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringContaining("/no/such/folder"),
  });
});

test("a message to a program whose input was closed with the launch is refused, not lost", async () => {
  const set = bench(helpers.dir);
  const handle = await set.start("cat; exec sleep 60", { stdin: "all" });
  await expect(set.runtime.sendMessage(handle, "more", { id: "m" })).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

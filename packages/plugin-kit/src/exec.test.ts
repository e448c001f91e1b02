import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { exec } from "./exec.ts";
import { startIdOf } from "./process.ts";

const env = { PATH: process.env.PATH ?? "/usr/bin:/bin" };

test("ends at its deadline although a grandchild holds the output open", async () => {
  const began = performance.now();
  const run = exec("sh", ["-c", "sleep 20 & sleep 20; echo late"], { env, timeoutMs: 300, graceMs: 200 });
  await expect(run).rejects.toMatchObject({ code: "UNREACHABLE" });
  expect(performance.now() - began).toBeLessThan(5_000);
});

test("ends a program that ignores TERM, when the caller gives up", async () => {
  const giveUp = new AbortController();
  const run = exec("sh", ["-c", "trap '' TERM; while :; do sleep 1; done"], {
    env,
    graceMs: 200,
    signal: giveUp.signal,
  });
  setTimeout(() => giveUp.abort(new Error("enough")), 200);
  await expect(run).rejects.toThrow("enough");
});

test.each(["its deadline", "the caller's abort"])(
  "at %s, a child that ignores TERM ends as well, although its parent does not",
  async (when) => {
    const file = join(tempDir(), "child");
    const child = `echo $$ > '${file}'; trap "" TERM; while :; do sleep 0.1; done`;
    const giveUp = new AbortController();
    const limits = when === "its deadline" ? { timeoutMs: 500 } : { signal: giveUp.signal };
    const run = exec("sh", ["-c", '(trap "" TERM; sh -c "$0") & wait', child], { env, graceMs: 200, ...limits });
    const ended = expect(run).rejects.toThrow();
    const pid = await waitFor(() => (existsSync(file) ? Number(readFileSync(file, "utf8")) : 0));
    giveUp.abort(new Error("enough"));
    await ended;
    await waitFor(() => startIdOf(pid) === null, { what: "the end of the child" });
  },
);

test("gives the output to a file, the input from one, and bytes that are not UTF-8 as they are", async () => {
  const dir = tempDir();
  const out = join(dir, "out");
  await exec("printf", ["\\377\\000x"], { env, outputFile: out });
  expect([...readFileSync(out)]).toEqual([255, 0, 120]);
  const { stdout } = await exec("cat", [], { env, inputFile: out, encoding: "latin1" });
  expect(stdout).toBe("\xff\0x");
});

test("says what failed, with the last lines; another exit may be an answer", async () => {
  const run = exec("sh", ["-c", "echo one; echo 'no such thing' >&2; exit 3"], { env });
  await expect(run).rejects.toThrow("exit 3): no such thing");
  expect((await exec("sh", ["-c", "exit 3"], { env, okExits: [0, 3] })).exitCode).toBe(3);
  await expect(exec("no-such-program-here", [], { env })).rejects.toMatchObject({ code: "UNAVAILABLE" });
  expect(existsSync("no-such-program-here")).toBe(false);
});

test("says whether it is the program that is missing, or the folder", async () => {
  const gone = join(tempDir(), "gone");
  await expect(exec("git", ["status"], { env, cwd: gone })).rejects.toThrow(`the folder ${gone} is gone`);
  await expect(exec("no-such-program", [], { env })).rejects.toThrow("no-such-program could not be started: not found");
});

test.each([
  ["its output", "sleep 20 &"],
  ["its standard error alone, as an ssh master with ControlPersist does", "sleep 20 >/dev/null &"],
  ["its output in a separate session", "setsid sleep 20 &"],
])("is done when the program exits, although what it started holds %s open", async (_, leave) => {
  const began = performance.now();
  const line = `${leave} seq 1 20000; echo told >&2`;
  const { stdout, stderr } = await exec("sh", ["-c", line], { env, timeoutMs: 10_000 });
  expect(performance.now() - began).toBeLessThan(4_000);
  expect(stdout.split("\n")).toHaveLength(20_001);
  expect(stderr).toBe("told\n");
});

test("a failure with a program left behind is told as one, with its last words", async () => {
  const run = exec("sh", ["-c", "sleep 20 & echo 'no access' >&2; exit 128"], { env, timeoutMs: 10_000 });
  await expect(run).rejects.toThrow("exit 128): no access");
});

test("a file gets all of the output although what the program started holds it open", async () => {
  const out = join(tempDir(), "out");
  await exec("sh", ["-c", "sleep 20 & seq 1 200000"], { env, timeoutMs: 10_000, outputFile: out });
  expect(readFileSync(out, "utf8").trimEnd().split("\n").at(-1)).toBe("200000");
});

test("reads everything that was written before the exit, although this process was busy meanwhile", async () => {
  const run = exec("sh", ["-c", "sleep 20 & seq 1 10000"], { env, timeoutMs: 10_000 });
  await new Promise((resolve) => setTimeout(resolve, 30));
  const busyUntil = performance.now() + 800;
  while (performance.now() < busyUntil);
  expect((await run).stdout.trimEnd().split("\n")).toHaveLength(10_000);
});

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTempDir, removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FakeDaemon, fakeDaemon, Refusal } from "./testing/fake-daemon.ts";
import { buildAo, type Ran } from "./testing/run-ao.ts";
import { runOnTty } from "./testing/run-on-tty.ts";

const bundle = makeTempDir("ao-cli");
let ao = "";
beforeAll(async () => {
  ao = await buildAo(bundle);
});
afterAll(() => removeDir(bundle));

/** A shell command line in which `ao` is the program under test. Its status is that of the last program. */
function shell(line: string, home: string): Promise<Ran> {
  writeFileSync(join(home, "ao"), `#!/bin/sh\nexec "${process.execPath}" "${ao}" "$@"\n`, { mode: 0o755 });
  const env = { PATH: `${home}:${process.env.PATH ?? ""}`, HOME: home, AO_HOME: home, LANG: "C.UTF-8" };
  const child = spawn("bash", ["-c", line], { env, cwd: home, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ status: code ?? -1, stdout, stderr })));
}

const seen = () => new Refusal({ code: "FAILED", message: "seen" });
const daemonFor = (home: string): Promise<FakeDaemon> =>
  fakeDaemon(home, { send: seen, spawn: seen, review: seen, handoff: seen, "pr-create": seen });

const COMMANDS = [
  ["ao send app-1 -", "send", "text"],
  ["ao send app-1 --file -", "send", "text"],
  ["ao spawn --prompt -", "spawn", "prompt"],
  ["ao review app-1 --comment -m -", "review", "body"],
  ["ao handoff app-1 --agent codex -m -", "handoff", "words"],
  ["ao pr create --body -", "pr-create", "body"],
] as const;

describe("stdin", () => {
  it.each(COMMANDS)("%s waits for a producer that is slow", async (line, request, parameter) => {
    const home = tempDir();
    const daemon = await daemonFor(home);
    await shell(`(printf 'first '; sleep 1; echo second) | ${line}`, home);
    expect(daemon.of(request)[0]?.params).toMatchObject({ [parameter]: "first second" });
  });

  it("reads a long text completely, with characters that are split between two reads", async () => {
    const home = tempDir();
    const daemon = await daemonFor(home);
    const text = `x${"é日🙂".repeat(40_000)}`;
    writeFileSync(join(home, "long.txt"), text);
    await shell("cat long.txt | ao send app-1 -", home);
    expect(daemon.of("send")[0]?.params.text).toBe(text);
  });

  it("reads a pipe that another program has made non-blocking", async () => {
    const home = tempDir();
    const daemon = await daemonFor(home);
    const nonBlocking = "perl -e 'use Fcntl; fcntl(STDIN, F_SETFL, O_NONBLOCK) or die; exec @ARGV or die'";
    await shell(`(sleep 1; echo late) | ${nonBlocking} ao send app-1 -`, home);
    expect(daemon.of("send")[0]?.params.text).toBe("late");
  });

  it("stays blocking for the program that `ao exec` runs and for those that share it", async () => {
    const home = tempDir();
    await fakeDaemon(home, { exec: () => ({ cwd: home, env: { PATH: process.env.PATH ?? "" } }) });
    const { stdout } = await shell("(sleep 1; echo late) | (ao exec app-1 -- true; cat)", home);
    expect(stdout).toBe("late\n");
  });

  it.each([
    ["ao send app-1 - <&-", "the message is empty"],
    ["ao send app-1 - </dev/null", "the message is empty"],
    ["ao send app-1 - < .", "the message is empty"],
    ["yes | ao send app-1 -", "more than 1 MiB"],
    ["printf 'caf\\351' | ao send app-1 -", "stdin is not UTF-8 text"],
    ["printf 'caf\\351' > latin1; ao send app-1 --file latin1", "latin1 is not UTF-8 text"],
    ["ao send app-1 --file .", "cannot read .: EISDIR"],
  ])("%s is a usage error and sends nothing", async (line, words) => {
    const home = tempDir();
    const daemon = await daemonFor(home);
    const { status, stderr } = await shell(line, home);
    expect({ status, stderr }).toEqual({ status: 64, stderr: expect.stringContaining(words) });
    expect(daemon.asked).toEqual([]);
  });

  it("is typed on a terminal up to Ctrl-D", async () => {
    const home = tempDir();
    const daemon = await daemonFor(home);
    const tty = runOnTty(["send", "app-1", "-"], { home, ao });
    await waitFor(() => tty.seen().includes("end with Ctrl-D"), { what: "the prompt" });
    tty.type("hello\rthere\r\u0004");
    await tty.ended;
    expect(daemon.of("send")[0]?.params.text).toBe("hello\nthere");
  });
});

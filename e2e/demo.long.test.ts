import { execFile, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { makeTempDir, removeDir } from "@agent-orchestrator/testkit/temp-dir";
import { gitEnv } from "@agent-orchestrator/testkit/temp-repo";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, beforeEach, expect, it } from "vitest";
import { processesOf } from "./support/processes.ts";

const AO = fileURLToPath(new URL("../packages/cli/bin/ao.js", import.meta.url));

let dir: string;
beforeEach(() => {
  dir = makeTempDir("ao-demo-test");
  for (const name of ["home", "tmp-a", "tmp-b"]) mkdirSync(join(dir, name));
});
afterEach(() => removeDir(dir));

/** Without a locale, as on a bare server. tmux must be told to use UTF-8. */
const envWith = (tmp: string): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(gitEnv(join(dir, "home"))).filter(([name]) => name !== "LANG")),
  TMPDIR: join(dir, tmp),
  TERM: "xterm-256color",
  COLUMNS: "100",
});

it("runs twice at the same time, once inside another tmux, and leaves nothing behind", async () => {
  const socket = join(dir, "outer.sock");
  const log = join(dir, "inner.log");
  const outer = (...args: string[]) =>
    execFileSync("tmux", ["-S", socket, "-f", "/dev/null", ...args], { env: envWith("tmp-b"), encoding: "utf8" });
  const began = performance.now();
  outer(
    "new-session",
    "-d",
    "-x",
    "100",
    "-y",
    "40",
    `'${process.execPath}' '${AO}' demo > '${log}' 2>&1; echo "rc=$?" >> '${log}'`,
  );
  const plain = await promisify(execFile)(process.execPath, [AO, "demo"], { env: envWith("tmp-a"), timeout: 90_000 });
  await waitFor(() => existsSync(log) && /rc=\d+/.test(readFileSync(log, "utf8")), {
    timeoutMs: 90_000,
    what: "the end of the demo within tmux",
  });
  const seconds = (performance.now() - began) / 1000;
  process.stdout.write(`two demos at once: ${seconds.toFixed(1)} s\n`);
  for (const told of [plain.stdout, readFileSync(log, "utf8")]) {
    expect(told).toContain("scripted agent");
    expect(told).toMatch(/not ok .* nine of a kind/);
    expect(told).toContain("call it `formatEuro`");
    expect(told).toContain("can be merged");
    expect(told).toMatch(/\d+ tests pass, and the three issues are closed/);
    expect(told).toMatch(/Done in \d+ seconds/);
  }
  expect(readFileSync(log, "utf8")).toContain("rc=0");
  expect(seconds).toBeLessThan(90);
  const leftovers = ["tmp-a", "tmp-b"].flatMap((tmp) =>
    readdirSync(join(dir, tmp)).filter((name) => name.startsWith("ao-demo")),
  );
  expect(leftovers).toEqual([]);
});

it("prints one document with --json, and nothing else", async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [AO, "demo", "--json"], {
    env: envWith("tmp-a"),
    timeout: 120_000,
  });
  expect(stderr).toBe("");
  const { data } = JSON.parse(stdout) as { data: { sessions: { status: string }[]; kept: unknown; seconds: number } };
  expect(data.sessions.map(({ status }) => status)).toEqual(["merged", "merged", "merged"]);
  expect([data.kept, typeof data.seconds]).toEqual([null, "number"]);
});

it("plays the same story on a stand-in for GitHub, and names what it can play", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [AO, "demo", "--scm", "github"], {
    env: envWith("tmp-a"),
    timeout: 120_000,
  });
  expect(stdout).toContain("github is played by ao's own test server");
  expect(stdout).toMatch(/not ok .* nine of a kind/);
  expect(stdout).toContain("call it `formatEuro`");
  expect(stdout).toMatch(/Merge pull request #\d from you\/feat\/3/);
  expect(stdout).toMatch(/\d+ tests pass, and the three issues are closed/);
  expect(readdirSync(join(dir, "tmp-a"))).toEqual([]);
  const wrong = promisify(execFile)(process.execPath, [AO, "demo", "--scm", "gitlab"], { env: envWith("tmp-b") });
  await expect(wrong).rejects.toMatchObject({
    code: 64,
    stderr: expect.stringContaining("the demo has no gitlab\n  hint: Use one of: local, github."),
  });
  expect(readdirSync(join(dir, "tmp-b"))).toEqual([]);
});

it.each(["ao spawn 1 2 3", "pr.created"])("stops on Ctrl-C after %j, and leaves nothing behind", async (moment) => {
  const child = spawn(process.execPath, [AO, "demo"], { env: envWith("tmp-a"), stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  let told = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  await waitFor(() => told.includes(moment), { timeoutMs: 30_000, what: moment });
  const stages = () => readdirSync(join(dir, "tmp-a")).filter((name) => name.startsWith("ao-demo"));
  const [stage = ""] = stages();
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(stages()).toEqual([]);
  expect(processesOf(join(dir, "tmp-a", stage, "home")).map(({ argv }) => argv.join(" "))).toEqual([]);
});

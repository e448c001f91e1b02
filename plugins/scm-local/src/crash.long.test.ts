import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startIdOf } from "@agent-orchestrator/plugin-kit/process";
import { makeTempDir, removeDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { infoOf, recordOf } from "./desk.ts";
import { type World, world } from "./fixtures/world.ts";

let bundleDir = "";
beforeAll(async () => {
  bundleDir = makeTempDir("ao-scm-daemon");
  await build({
    entryPoints: [fileURLToPath(new URL("./fixtures/daemon.ts", import.meta.url))],
    outfile: join(bundleDir, "daemon.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["source"],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    alias: { vitest: fileURLToPath(new URL("./fixtures/no-vitest.ts", import.meta.url)) },
  });
});
afterAll(() => removeDir(bundleDir));

/** The scm in a separate process. This process does not touch the same files meanwhile, as there is only one daemon. */
function daemon(w: World, [act, what]: [string, string?], options: object): ChildProcess {
  const args = [join(bundleDir, "daemon.mjs"), w.repo.path, dirname(w.stateDir), act, what ?? ""];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH ?? "", SCM_OPTIONS: JSON.stringify(options) },
    stdio: ["pipe", "ignore", "inherit"],
  });
  child.stdin?.end(JSON.stringify(w.repo.env));
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

const ended = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once("exit", resolve));

it("ends the run that a killed daemon left behind, runs it again, and records it once", async () => {
  const w = world();
  const trace = join(w.repo.path, "..", "trace");
  const run = `echo $$ >> ${trace}; test -f ${trace}.go || { (setsid sleep 600 &); sleep 600; }; echo fine`;
  const options = { ci: [{ name: "test", run }], ciSettle: 0 };
  w.commit("feat/1", { "1.txt": "1" });
  expect(await ended(daemon(w, ["open", "feat/1"], options))).toBe(0);
  const child = daemon(w, ["watch"], options);
  const pid = Number(
    await waitFor(() => existsSync(trace) && readFileSync(trace, "utf8").trim(), { timeoutMs: 20_000 }),
  );
  const startId = startIdOf(pid);
  expect(startId).not.toBeNull();
  child.kill("SIGKILL");
  await ended(child);
  expect(startIdOf(pid)).toBe(startId);

  w.repo.write(`../trace.go`, "");
  const next = w.again(options);
  await next.watch();
  const pr = infoOf(next.desk, recordOf(next.desk, { number: 1 }));
  await waitFor(async () => (await next.scm.getCISummary(pr)) === "passing", { timeoutMs: 20_000 });
  expect(startIdOf(pid)).not.toBe(startId);
  expect(await next.scm.getCIChecks(pr)).toMatchObject([{ attempt: 1, status: "passed" }]);
  expect(readFileSync(trace, "utf8").trim().split("\n")).toHaveLength(2);
  expect(next.warnings.join()).toContain("It will run again");
  expect(existsSync(join(w.stateDir, "ci", "running.json"))).toBe(false);
});

it("signals no process if the recorded id now belongs to another one", async () => {
  const w = world();
  w.commit("feat/1", { "x.txt": "1" });
  await w.open("feat/1");
  const innocent = spawn("sleep", ["600"], { stdio: "ignore" });
  onTestFinished(() => void innocent.kill("SIGKILL"));
  const running = { runId: "someoneelses", pid: innocent.pid, startId: "another boot:1", sha: "x", check: "test" };
  w.repo.write("../state/ci/running.json", JSON.stringify(running));
  await w.watch();
  await waitFor(() => !existsSync(join(w.stateDir, "ci", "running.json")));
  expect(innocent.exitCode ?? innocent.signalCode).toBeNull();
});

it("merges each pull request once, whenever the daemon is killed", { timeout: 60_000 }, async () => {
  const w = world();
  const options = { requiredReviews: 0 };
  const rounds = 8;
  let interrupted = 0;
  for (let round = 1; round <= rounds; round++) {
    w.commit(`feat/${round}`, { [`f${round}.txt`]: "x" });
    expect(await ended(daemon(w, ["open", `feat/${round}`], options))).toBe(0);
    const child = daemon(w, ["merge", String(round)], options);
    // A little later each round, counted from when the intent was written. From then on a kill is dangerous.
    const file = join(w.stateDir, "prs", `${round}.json`);
    const isDecided = () => child.exitCode !== null || !readFileSync(file, "utf8").includes('"merging": null');
    await waitFor(isDecided, { intervalMs: 1, timeoutMs: 20_000 });
    const killAt = performance.now() + (round - 1) * 8;
    await waitFor(() => performance.now() >= killAt, { intervalMs: 1 });
    child.kill("SIGKILL");
    await ended(child);
    if (readFileSync(file, "utf8").includes('"state": "open"')) interrupted += 1;
    expect(await ended(daemon(w, ["merge", String(round)], options))).toBe(0);
    expect(w.repo.git("status", "--porcelain")).toBe("");
  }
  console.log(`killed ${interrupted} of ${rounds} merges between intent and end`);
  for (const record of w.desk.prs.all().values()) expect(record).toMatchObject({ state: "merged", merging: null });
  const subjects = w.repo.git("log", "--merges", "--format=%s", "main").trim().split("\n");
  expect(new Set(subjects).size).toBe(rounds);
  expect(subjects).toHaveLength(rounds);
});

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { Workspace, WorkspaceCreateConfig } from "@agent-orchestrator/core/slots/workspace";
import { listProcesses } from "@agent-orchestrator/plugin-kit/process";
import { build } from "esbuild";
import { expect } from "vitest";
import { pluginContext, projectConfig } from "../../plugin-context.ts";
import { tempDir } from "../../temp-dir.ts";
import { type TempRepo, tempRepo } from "../../temp-repo.ts";

const FILES = 3_000;

function bigRepo(): TempRepo {
  const repo = tempRepo();
  for (let n = 0; n < FILES; n += 1) repo.write(`src/dir-${n % 60}/file-${n}.txt`, `line ${n}\n`.repeat(20));
  repo.commit("many files");
  return repo;
}

async function bundleChild(entry: URL): Promise<string> {
  const outfile = join(tempDir("ao-child"), "child.mjs");
  const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" };
  await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["source"],
    banner,
    outfile,
    logLevel: "error",
  });
  return outfile;
}

/** Everything a create can leave in the repository. */
function leftovers(repo: TempRepo): string[] {
  const gitDir = join(repo.path, ".git");
  const locks = execFileSync("find", [gitDir, "-name", "*.lock"], { encoding: "utf8" }).split("\n").filter(Boolean);
  const worktrees = existsSync(join(gitDir, "worktrees")) ? readdirSync(join(gitDir, "worktrees")) : [];
  const branches = repo.git("branch", "--list", "feat/*", "--format=%(refname:short)").split("\n").filter(Boolean);
  const logs = existsSync(join(gitDir, "logs/refs/heads/feat"))
    ? readdirSync(join(gitDir, "logs/refs/heads/feat"))
    : [];
  return [
    ...locks.map((path) => `lock ${path}`),
    ...worktrees.map((name) => `worktree ${name}`),
    ...branches.map((name) => `branch ${name}`),
    ...logs.map((name) => `log ${name}`),
  ];
}

/** Kills the child and every git that it runs, as if the machine stopped. */
function killAll(pid: number): void {
  const rows = listProcesses();
  const pids = [pid];
  for (const parent of pids) pids.push(...rows.filter((row) => row.parent === parent).map((row) => row.pid));
  for (const one of pids) {
    try {
      process.kill(one, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
}

/** Waits for a line of the child, or its end. */
async function until(child: ChildProcess, word: string): Promise<void> {
  const said = new Promise<void>((resolve) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      if (chunk.toString().includes(word)) resolve();
    });
  });
  await Promise.race([said, once(child, "exit")]);
}

export interface Crash {
  create(context: PluginContext): Workspace;
  /** A program that creates the workspace described by its first argument (JSON), and prints `begin` and `done`. */
  child: URL;
  kills: number;
}

/** kill -9 of the daemon, or of it and all its programs, at random moments of a create; then `undo` or `create` again. */
export async function crashRounds({ create, child: entry, kills }: Crash): Promise<void> {
  const repo = bigRepo();
  const bundle = await bundleChild(entry);
  const project = projectConfig({ path: repo.path });
  const seen = { before: 0, during: 0, after: 0, withLeftovers: 0, locks: 0, finished: 0, takenBack: 0 };
  const start = (n: number) => {
    const home = tempDir("ao-crash");
    mkdirSync(join(home, "worktrees"));
    const config: WorkspaceCreateConfig = {
      projectId: "app",
      sessionId: `app-${n}`,
      project,
      branch: `feat/${n}`,
      path: join(home, "worktrees", `app-${n}`),
      intentId: `intent-${n}`,
    };
    const stateDir = join(home, "plugin");
    const argument = JSON.stringify({ home, stateDir, env: repo.env, config });
    const child = spawn(process.execPath, [bundle, argument], { stdio: ["ignore", "pipe", "inherit"] });
    return { home, stateDir, config, child };
  };
  const recover = async (round: ReturnType<typeof start>, n: number) => {
    const env = () => repo.env;
    const context = pluginContext({ home: round.home, stateDir: round.stateDir, project, env });
    const workspace = create(context);
    if (n % 2 === 0) {
      await workspace.undo?.(round.config);
      seen.takenBack += 1;
    } else {
      const info = await workspace.create(round.config);
      expect(repo.git("-C", info.path, "status", "--porcelain")).toBe("");
      expect(repo.git("-C", info.path, "ls-files").split("\n").filter(Boolean)).toHaveLength(FILES + 1);
      seen.finished += 1;
      await workspace.destroy(info.path);
      repo.git("branch", "-D", round.config.branch);
    }
    expect(leftovers(repo)).toEqual([]);
    expect(existsSync(round.config.path)).toBe(false);
  };

  const first = start(0);
  await until(first.child, "begin");
  const began = performance.now();
  await until(first.child, "done");
  const wholeMs = performance.now() - began;
  await recover(first, 0);

  for (let n = 1; n <= kills; n += 1) {
    const round = start(n);
    await until(round.child, "begin");
    const exited = once(round.child, "exit");
    await new Promise((resolve) => setTimeout(resolve, Math.random() * wholeMs * 1.1));
    const isWholeMachine = n % 3 === 0;
    if (isWholeMachine && round.child.pid !== undefined) killAll(round.child.pid);
    else round.child.kill("SIGKILL");
    await exited;
    const left = leftovers(repo);
    const isDone = round.child.exitCode === 0;
    seen[isDone ? "after" : left.length === 0 ? "before" : "during"] += 1;
    if (left.length > 0) seen.withLeftovers += 1;
    if (left.some((line) => line.startsWith("lock"))) seen.locks += 1;
    await recover(round, n);
  }
  console.log(
    `kill -9 while creating (${FILES} files, ${Math.round(wholeMs)} ms a create): ${JSON.stringify(seen)}; left after recovery: 0`,
  );
  expect(seen.during).toBeGreaterThan(0);
}

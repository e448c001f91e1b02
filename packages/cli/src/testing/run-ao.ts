import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { onTestFinished } from "vitest";

const packageDir = join(import.meta.dirname, "../..");

export interface Ran {
  status: number;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  ended: Promise<Ran>;
}

export interface RunOptions {
  home: string;
  cwd?: string;
  env?: Record<string, string>;
  input?: string;
  /** The bundle to run, from `buildAo`. */
  ao: string;
}

/** Builds the command line as it is distributed, bundled. Returns the program's path. */
export async function buildAo(into: string): Promise<string> {
  await build({
    entryPoints: { ao: join(packageDir, "src/entry.ts") },
    outdir: into,
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    conditions: ["source"],
    outExtension: { ".js": ".cjs" },
    banner: { js: "const __aoUrl=require('node:url').pathToFileURL(__filename).href;" },
    define: { __AO_BUILD__: '"test"', __AO_VERSION__: '"1.2.3"', "import.meta.url": "__aoUrl" },
    logLevel: "error",
  });
  const program = join(into, "ao.cjs");
  if (!existsSync(program)) throw new Error("no bundle");
  return program;
}

/** Starts `ao` with a separate environment. Nothing of the test's environment leaks in. */
export function startAo(args: readonly string[], { home, ao, cwd, env, input }: RunOptions): Running {
  const child = spawn(process.execPath, [ao, ...args], {
    cwd: cwd ?? home,
    env: { PATH: process.env.PATH ?? "", HOME: home, AO_HOME: home, LANG: "C.UTF-8", TZ: "UTC", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin.on("error", () => undefined); // a command that reads nothing may have ended already
  child.stdin.end(input ?? "");
  const ended = new Promise<Ran>((resolve) => {
    child.on("close", (code) => resolve({ status: code ?? -1, stdout, stderr }));
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { child, stdout: () => stdout, stderr: () => stderr, ended };
}

export const runAo = (args: readonly string[], options: RunOptions): Promise<Ran> => startAo(args, options).ended;

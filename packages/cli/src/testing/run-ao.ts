import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const packageDir = join(import.meta.dirname, "../..");
const bundler = join(packageDir, "../../scripts/command-line.mjs");

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

/** Builds the command line as it is distributed. Returns the program's path. */
export async function buildAo(into: string): Promise<string> {
  const { bundleCommandLine } = (await import(bundler)) as {
    bundleCommandLine(options: object): Promise<{ path: string; text: string }[]>;
  };
  const files = await bundleCommandLine({
    entry: join(packageDir, "src/entry.ts"),
    outdir: into,
    overrides: { logLevel: "error", define: { __AO_BUILD__: '"test"', __AO_VERSION__: '"1.2.3"' } },
  });
  for (const { path, text } of files) writeFileSync(path, text);
  return join(into, "ao.cjs");
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

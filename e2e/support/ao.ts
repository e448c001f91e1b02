import { spawn } from "node:child_process";

export interface Answer {
  status: number | null;
  stdout: string;
  stderr: string;
  ms: number;
}

export interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
  input?: string;
  timeoutMs?: number;
  /** Runs it as this user and group, which only root can. */
  uid?: number;
}

/** Runs a program and returns its outcome. The status is null if a time limit ended it. */
export function runProgram(file: string, args: string[], options: RunOptions = {}): Promise<Answer> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
      env: options.env,
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.setEncoding("utf8");
      child[name]?.on("data", (text: string) => {
        said[name] += text;
      });
    }
    const late = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? 60_000);
    child.on("error", reject);
    child.on("close", (status) => {
      clearTimeout(late);
      resolve({ status, ...said, ms: performance.now() - began });
    });
    child.stdin?.on("error", () => undefined); // it ended without reading
    child.stdin?.end(options.input);
  });
}

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has ended
  }
};

/** CPU time of all threads so far, in ms. */
export function cpuMs(pid: number): number {
  const tasks = existsSync(`/proc/${pid}/task`) ? readdirSync(`/proc/${pid}/task`) : [];
  const ns = tasks.map((task) => Number(read(`/proc/${pid}/task/${task}/schedstat`).split(" ")[0] ?? 0));
  return ns.reduce((sum, each) => sum + each, 0) / 1e6;
}

/** CPU time of the programs that this process has started and that have ended, in ms. */
export function reapedCpuMs(pid: number): number {
  const fields = read(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) * 10;
}

/** Resident memory, in MB of 1,000,000 bytes. */
export function rssMb(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1];
  return (Number(kib ?? Number.NaN) * 1024) / 1e6;
}

export function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`)
    .split(" ")
    .filter((word) => word !== "")
    .map(Number);
}

export const hasStrace = (): boolean => spawnSync("strace", ["-V"], { stdio: "ignore" }).status === 0;

/** The command lines of programs that these processes and their children start during `work`. Null without strace. */
export async function programsStarted(pids: readonly number[], work: () => Promise<unknown>): Promise<string[] | null> {
  if (!hasStrace()) return null;
  const attach = pids.flatMap((pid) => ["-p", String(pid)]);
  const tracer = spawn("strace", ["-f", "-s", "60", "-e", "trace=execve", ...attach], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const seen = collect(tracer);
  await waitFor(() => pids.every((pid) => seen().includes(`Process ${pid} attached`)), { what: "strace to attach" });
  try {
    await work();
  } finally {
    tracer.kill("SIGINT");
    await once(tracer, "exit");
  }
  return succeeded(seen());
}

/** The same of a program from its start, itself left out; its exit status is checked. */
export function programsStartedBy(
  argv: readonly string[],
  options: { env: Record<string, string>; cwd: string },
): string[] {
  const ended = spawnSync("strace", ["-f", "-s", "60", "-e", "trace=execve", ...argv], {
    ...options,
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (ended.status !== 0) throw new Error(`${argv.join(" ")} failed: ${ended.stderr}`);
  return succeeded(ended.stderr).slice(1);
}

function collect(child: ChildProcess): () => string {
  let text = "";
  child.stderr?.on("data", (chunk) => {
    text += chunk;
  });
  return () => text;
}

const succeeded = (trace: string): string[] =>
  trace.split("\n").filter((line) => /execve\(.*\) = 0$|execve resumed.*\) = 0$/.test(line));

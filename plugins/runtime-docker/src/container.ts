import { readFileSync } from "node:fs";
import { constants as osConstants } from "node:os";
import type { ProcessInfo } from "@agent-orchestrator/core/slots/runtime";
import { startIdOf } from "@agent-orchestrator/plugin-kit/process";
import type { ContainerInspectInfo } from "dockerode";
import type { Engine } from "./engine.ts";
import type { Run } from "./layout.ts";

export type Found = ContainerInspectInfo;

export const inspectContainer = (engine: Engine, run: Pick<Run, "key">): Promise<Found | null> =>
  engine.find((client) => client.getContainer(run.key).inspect());

/** Comes back once the container does not run, or the engine stays away. The connection to a container that ends meanwhile may never end. */
export const untilEnded = (engine: Engine, run: Pick<Run, "key">, signal: AbortSignal): Promise<unknown> =>
  engine
    .find((client) => client.getContainer(run.key).wait({ condition: "not-running", abortSignal: signal }))
    .catch(() => undefined); // Whoever asks next is told why.

export const isRunning = (found: Found | null): found is Found & { State: { Running: true } } =>
  found?.State.Running === true;

/** The program of a container, and how it ended. */
export function processOf(found: Found | null): ProcessInfo {
  if (found === null) return { alive: false, pid: null, startId: null, exit: null };
  if (isRunning(found)) return { alive: true, ...programOf(found), exit: null };
  return { alive: false, pid: null, startId: null, exit: exitOf(found) };
}

/** On an engine of this machine, the program is a process like any other: the first child of the container's init. */
function programOf(found: Found): { pid: number | null; startId: string | null } {
  const first = found.State.Pid;
  if (!isOfThisMachine(found)) return { pid: null, startId: null };
  const pid = found.HostConfig.Init === true ? childOf(first) : first;
  return { pid, startId: pid === null ? null : startIdOf(pid) };
}

/** Whether the engine's processes are visible here. Behind a virtual machine or a network, its pids are somebody else's. */
export function isOfThisMachine(found: Found): boolean {
  return read(`/proc/${found.State.Pid}/cgroup`)?.includes(found.Id) === true;
}

function childOf(pid: number): number | null {
  const first = read(`/proc/${pid}/task/${pid}/children`)?.trim().split(" ")[0];
  return first === undefined || first === "" ? null : Number(first);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null; // It has ended, or there is no /proc.
  }
}

const NEVER = "0001-01-01T00:00:00Z";

function exitOf({ State: state }: Found): ProcessInfo["exit"] {
  if (state.FinishedAt === NEVER || state.FinishedAt === "") return null;
  const at = new Date(state.FinishedAt).toISOString();
  const signal = state.ExitCode > 128 ? signalName(state.ExitCode - 128) : null;
  return signal === null ? { code: state.ExitCode, signal: null, at } : { code: null, signal, at };
}

function signalName(number: number): string | null {
  return Object.entries(osConstants.signals).find(([, value]) => value === number)?.[0] ?? null;
}

/** Why it ended, where the engine knows more than a status. */
export function endingNote(found: Found | null): string | null {
  if (found === null || isRunning(found)) return null;
  const { OOMKilled, Error: said } = found.State;
  if (OOMKilled)
    return `It ran out of memory: the limit is ${inWords(found.HostConfig.Memory ?? 0)} (\`memory:\` of the runtime).`;
  return said === "" ? null : `The Docker engine says: ${said}`;
}

function inWords(bytes: number): string {
  const mib = bytes / 1024 ** 2;
  return mib >= 1024 ? `${Number((mib / 1024).toFixed(1))} GiB` : `${Math.round(mib)} MiB`;
}

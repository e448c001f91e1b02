import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CallOptions, RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import type { ProcessInfo } from "@agent-orchestrator/core/slots/runtime";
import { isRunning } from "@agent-orchestrator/plugin-kit/process";
import { processTree } from "@agent-orchestrator/plugin-kit/process-tree";
import { capture, type Desk, marksOf } from "./desk.ts";
import { handleOf, type Launch } from "./naming.ts";

const NOBODY = { alive: false, pid: null, startId: null } as const;
const STATUS_MS = 1_000;
const STEP_MS = 5;

/** Judges by the program's own pid and identity. Asks tmux only if there is no record of a start. */
export async function processOf(desk: Desk, launch: Launch, options: CallOptions): Promise<ProcessInfo> {
  const record = desk.records.readPid(launch.key);
  if (record === null) {
    const exit = desk.records.readExit(launch.key);
    if (exit !== null) return { ...NOBODY, exit };
    const found = await desk.paneOf(launch);
    if (found !== undefined) await desk.takeStock(found.client);
    if (desk.panes.find(launch.name, launch.intent) === undefined) return { ...NOBODY, exit: null };
    throw new AoError("UNREACHABLE", `${launch.sessionId} has a terminal, but its program has not been seen yet`);
  }
  const { pid, startId } = record.agent;
  if (isRunning(record.agent)) return { alive: true, pid, startId, exit: null };
  const { clock } = desk.context;
  const end = clock.monotonic() + STATUS_MS;
  // The runner writes the status a moment after the program has ended.
  while (desk.records.readExit(launch.key) === null && isRunning(record.runner) && clock.monotonic() < end) {
    await clock.sleep(STEP_MS, options.signal);
  }
  return { alive: false, pid, startId, exit: desk.records.readExit(launch.key) };
}

export async function outputOfPane(desk: Desk, launch: Launch, lines: number): Promise<string> {
  const found = await desk.paneOf(launch);
  if (found === undefined) throw new AoError("UNAVAILABLE", `the terminal of ${launch.sessionId} is gone`);
  return capture(found.client, found.pane, Math.min(Math.max(1, Math.trunc(lines)), 50_000));
}

export function metricsOf(desk: Desk, launch: Launch): { rssBytes: number; cpuMs: number } {
  const record = desk.records.readPid(launch.key);
  const roots = record === null ? [] : [record.agent];
  const rows = processTree({ roots, marks: marksOf(desk, launch) });
  return {
    rssBytes: rows.reduce((sum, row) => sum + row.rssBytes, 0),
    cpuMs: rows.reduce((sum, row) => sum + row.cpuMs, 0),
  };
}

type Listed = { sessionId: string; instanceId: string; handle: RuntimeHandle };

/** Every launch that has a terminal, or a program that outlived its terminal. */
export async function listLaunches(desk: Desk): Promise<Listed[]> {
  await desk.server.client({ start: false });
  return desk.records.keys().flatMap((key) => {
    const [name = "", intent = ""] = key.split(".");
    const record = desk.records.readPid(key);
    if (desk.panes.find(name, intent) === undefined && (record === null || !isRunning(record.agent))) return [];
    const [, instanceId = "", sessionId = name] = /^([0-9a-f]{12})-(.+)$/.exec(name) ?? [];
    return [{ sessionId, instanceId, handle: handleOf({ intent, sessionId, instanceId }) }];
  });
}

import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { SessionProcess } from "@agent-orchestrator/core/slots/runtime";
import type { ProcessRef } from "@agent-orchestrator/plugin-kit/process";
import type { TreeQuestion } from "@agent-orchestrator/plugin-kit/process-tree";
import { endSessionProcesses, sessionProcesses } from "@agent-orchestrator/plugin-kit/session-processes";
import { type Desk, marksOf } from "./desk.ts";
import type { Launch } from "./naming.ts";

export const processesOf = (desk: Desk, launch: Launch): SessionProcess[] =>
  sessionProcesses(treeOf(desk, launch), desk.context.clock);

export async function endProcesses(
  desk: Desk,
  launch: Launch,
  { processes, options }: { processes: readonly ProcessRef[]; options: CallOptions },
): Promise<void> {
  const { clock } = desk.context;
  const { signal } = options;
  const how = { clock, graceMs: desk.graceMs, ...(signal === undefined ? {} : { signal }) };
  await endSessionProcesses(processes, { ...treeOf(desk, launch), ...how });
}

function treeOf(desk: Desk, launch: Launch): TreeQuestion {
  const record = desk.records.readPid(launch.key);
  return { roots: record === null ? [] : [record.agent, record.runner], marks: marksOf(desk, launch) };
}

import type { SessionProcess } from "@agent-orchestrator/core/slots/runtime";
import { type ProcessRef, startIdOf } from "@agent-orchestrator/plugin-kit/process";
import type { TreeQuestion } from "@agent-orchestrator/plugin-kit/process-tree";
import { endSessionProcesses, sessionProcesses } from "@agent-orchestrator/plugin-kit/session-processes";
import { inspectContainer, isOfThisMachine, isRunning, processOf } from "./container.ts";
import type { Desk } from "./launch.ts";
import type { Run } from "./layout.ts";

/** Below the container's init is everything that runs in it. */
async function treeOf({ engine }: Desk, run: Run): Promise<TreeQuestion> {
  const found = await inspectContainer(engine, run);
  if (!isRunning(found) || !isOfThisMachine(found)) return { roots: [] };
  const pids = [found.State.Pid, processOf(found).pid];
  const roots = pids.flatMap((pid): ProcessRef[] => {
    const startId = pid === null ? null : startIdOf(pid);
    return pid === null || startId === null ? [] : [{ pid, startId }];
  });
  return { roots };
}

export async function listProcesses(desk: Desk, run: Run): Promise<SessionProcess[]> {
  return sessionProcesses(await treeOf(desk, run), desk.context.clock);
}

export async function endProcesses(
  desk: Desk,
  run: Run,
  { processes, signal }: { processes: readonly ProcessRef[]; signal: AbortSignal | undefined },
): Promise<void> {
  await endSessionProcesses(processes, {
    ...(await treeOf(desk, run)),
    clock: desk.context.clock,
    graceMs: desk.options.graceMs,
    ...(signal === undefined ? {} : { signal }),
  });
}

import { toIso } from "@agent-orchestrator/core/host/clock";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { SessionProcess } from "@agent-orchestrator/core/slots/runtime";
import { describeProcess, type ProcessRef } from "./process.ts";
import { type EndOptions, endTree, processTree, type TreeQuestion } from "./process-tree.ts";

/** What a launch runs below its program, or what left its tree. Oldest first, without the roots. */
export function sessionProcesses(question: TreeQuestion, clock: Clock): SessionProcess[] {
  const roots = new Set(question.roots.map(({ pid }) => pid));
  const nowMs = clock.now();
  return processTree(question)
    .filter(({ pid }) => !roots.has(pid))
    .flatMap((row): SessionProcess[] => {
      const found = describeProcess(row, nowMs);
      if (found === null) return [];
      const { pid, startId, parent } = row;
      return [{ pid, startId, parent, command: found.command, startedAt: toIso(found.startedMs) }];
    })
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

/** Ends those of these processes that belong to the launch, with their descendants. Never its roots. */
export async function endSessionProcesses(named: readonly ProcessRef[], options: EndOptions): Promise<void> {
  const roots = new Set(options.roots.map(({ pid }) => pid));
  const own = new Map(processTree(options).map((row) => [row.pid, row]));
  const meant = named.filter(({ pid, startId }) => !roots.has(pid) && own.get(pid)?.startId === startId);
  if (meant.length === 0) return;
  const { marks: _, ...how } = options;
  await endTree({ ...how, roots: meant, spare: [...(options.spare ?? []), ...roots] });
}

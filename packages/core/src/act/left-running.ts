import type { ToldFact } from "../model/fact.ts";
import type { LeftProcess } from "../model/left-running.ts";
import { oneLine } from "../model/text.ts";
import { at, type Iso } from "../model/time.ts";
import type { RuntimeHandle } from "../slots/common.ts";
import type { Runtime, SessionProcess } from "../slots/runtime.ts";

const MAX_COMMAND = 200;
/** A process is started a moment before its agent tells of the call. */
const SLACK_MS = 1_000;

export interface ProcessLook {
  runtime: Runtime;
  handle: RuntimeHandle;
  signal: AbortSignal;
}

/** The processes of a session that are not older than this. Empty if its runtime cannot tell. */
export async function processesSince({ runtime, handle, signal }: ProcessLook, began: Iso): Promise<SessionProcess[]> {
  const all = (await runtime.listProcesses?.(handle, { signal })) ?? [];
  return all.filter(({ startedAt }) => at(startedAt) >= at(began) - SLACK_MS);
}

/** Those of them that still run. */
export async function stillRunning(look: ProcessLook, known: readonly LeftProcess[]): Promise<LeftProcess[]> {
  if (known.length === 0) return [];
  const all = (await look.runtime.listProcesses?.(look.handle, { signal: look.signal })) ?? [];
  const running = new Set(all.map(nameOf));
  return known.filter((process) => running.has(nameOf(process)));
}

const nameOf = ({ pid, startId }: Pick<LeftProcess, "pid" | "startId">): string => `${pid} ${startId}`;

/** Only what a record keeps. */
export const toLeft = (processes: readonly SessionProcess[]): LeftProcess[] =>
  processes.map(({ pid, startId, parent, command }) => ({
    pid,
    startId,
    parent,
    command: oneLine(command, MAX_COMMAND),
  }));

export const leftFact = (launch: number, processes: LeftProcess[]): ToldFact => ({
  kind: "left-running",
  launch,
  processes,
});

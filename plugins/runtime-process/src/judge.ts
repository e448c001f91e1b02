import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { ProcessInfo } from "@agent-orchestrator/core/slots/runtime";
import { isRunning } from "@agent-orchestrator/plugin-kit/process";
import { type Run, readExit } from "./layout.ts";

/** The runner writes the exit status after the last output. */
const EXIT_WAIT_MS = 1_500;

/** Judges the agent's own process by pid and start time. Includes its exit status if the runner lived to record it. */
export async function judge(run: Run, clock: Clock): Promise<ProcessInfo> {
  const { pid, startId } = run;
  if (isAgentRunning(run)) return { alive: true, pid, startId, exit: null };
  const began = clock.monotonic();
  let exit = readExit(run.dir);
  while (exit === null && isRunning(run.runner) && clock.monotonic() - began < EXIT_WAIT_MS) {
    await clock.sleep(20);
    exit = readExit(run.dir);
  }
  return { alive: false, pid, startId, exit: exit === null ? null : { ...exit } };
}

export function isAgentRunning({ pid, startId }: Run): boolean {
  return startId !== null && isRunning({ pid, startId });
}

import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { removeFile } from "@agent-orchestrator/plugin-kit/files/whole";
import { isRunning, signalProcess } from "@agent-orchestrator/plugin-kit/process";
import { endTree } from "@agent-orchestrator/plugin-kit/process-tree";
import { heldPlaces, isSameSession } from "./held.ts";
import { indexFile, type Run, readRecord } from "./layout.ts";

const RUNNER_FAREWELL_MS = 2_000;

export interface DestroyOptions {
  context: PluginContext;
  graceMs: number;
  signal?: AbortSignal | undefined;
}

/** Ends the agent and everything it started. Its runner then ends by itself. Output and exit status stay. */
export async function destroy(run: Run, { context, graceMs, signal }: DestroyOptions): Promise<void> {
  const { clock } = context;
  const held = heldPlaces(context);
  // While a newer launch of the session lives, end only what this one started.
  const isSucceeded = held.some((other) => other.key !== run.key && isSameSession(other, run));
  await endTree({
    roots: run.startId === null ? [] : [{ pid: run.pid, startId: run.startId }],
    marks: isSucceeded ? { AO_LAUNCH: run.key } : run.marks,
    spare: held.flatMap((place) => readRecord(place.dir)?.runner.pid ?? []),
    clock,
    graceMs,
    ...(signal === undefined ? {} : { signal }),
  });
  const began = clock.monotonic();
  while (isRunning(run.runner) && clock.monotonic() - began < RUNNER_FAREWELL_MS) await clock.sleep(20, signal);
  signalProcess(run.runner, "SIGKILL");
  removeFile(run.socket);
  removeFile(indexFile(context, run.key));
}

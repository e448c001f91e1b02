import { AoError } from "@agent-orchestrator/core/model/errors";
import type { RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import { isRunning, type ProcessRef } from "./process.ts";

/** Returns the agent's process from the handle. Throws UNREACHABLE if the runtime did not record it there. */
export function processOf({ data: { pid, startId }, runtimeName }: RuntimeHandle): ProcessRef {
  if (typeof pid === "number" && typeof startId === "string") return { pid, startId };
  throw new AoError("UNREACHABLE", `the runtime ${runtimeName} does not report the agent's process`, {
    hint: "Ask the runtime's getProcess.",
  });
}

/** Returns false only when certain. */
export const isHandleRunning = (handle: RuntimeHandle): boolean => isRunning(processOf(handle));

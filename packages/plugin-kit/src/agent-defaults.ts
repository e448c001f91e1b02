import type { Agent } from "@agent-orchestrator/core/slots/agent";
import { isHandleRunning } from "./handle.ts";

type AskedMethods = Required<
  Pick<Agent, "detectActivity" | "getActivityState" | "isProcessRunning" | "getSessionInfo">
>;

/** The methods that core asks only if an agent does not `observe`, for one that does. Others may still call them. */
export const OBSERVED: AskedMethods = {
  detectActivity: () => "unknown",
  getActivityState: async () => null,
  isProcessRunning: async (handle) => isHandleRunning(handle),
  getSessionInfo: async () => null,
};

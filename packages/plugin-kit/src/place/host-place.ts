import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { Place, PlacedSession } from "@agent-orchestrator/core/slots/place";
import { exec } from "../exec.ts";
import { hostFiles } from "./host-files.ts";

const EVERY_STATUS = Array.from({ length: 256 }, (_, status) => status);

/** This machine: every verb is what Node does anyway. */
export function hostPlace({ workspacePath }: Pick<PlacedSession, "workspacePath">, context: PluginContext): Place {
  return {
    ...hostFiles(context.clock),
    name: "this machine",
    sharesFiles: true,
    sharesProcesses: true,
    environment: (env) => env,
    run: ([file = "", ...args], { env, cwd = workspacePath, ...how } = {}) =>
      exec(file, args, { ...how, cwd, env: { ...context.env(), ...env }, okExits: EVERY_STATUS }),
  };
}

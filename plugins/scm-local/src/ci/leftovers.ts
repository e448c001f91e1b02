import { join } from "node:path";
import { atomicReplace, ensureDir, readText, removeIfThere } from "@agent-orchestrator/core/host/files";
import { realFs } from "@agent-orchestrator/core/host/fs-port";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { isRunning } from "@agent-orchestrator/plugin-kit/process";
import { endTree } from "@agent-orchestrator/plugin-kit/process-tree";
import { RunningCommand } from "../records.ts";
import { RUN_MARK } from "./command.ts";

const pathOf = (context: PluginContext) => join(context.stateDir, "ci", "running.json");

export function noteRunning(context: PluginContext, running: RunningCommand): void {
  ensureDir(join(context.stateDir, "ci"));
  atomicReplace(pathOf(context), `${JSON.stringify(running)}\n`);
}

export function forgetRunning(context: PluginContext): void {
  removeIfThere(realFs, pathOf(context));
}

/**
 * Ends what a killed daemon left running: the recorded process if both its id and start time match, and whatever was
 * started with the run's own mark. Nothing else is ever signalled.
 */
export async function endLeftovers(context: PluginContext): Promise<RunningCommand | null> {
  const running = readRunning(context);
  if (running === null) return null;
  const roots = isRunning(running) ? [running] : [];
  await endTree({ roots, marks: { [RUN_MARK]: running.runId }, clock: context.clock, graceMs: 2_000 });
  forgetRunning(context);
  context.log.warn("ended a CI run of an earlier daemon. It will run again.", {
    check: running.check,
    sha: running.sha,
  });
  return running;
}

function readRunning(context: PluginContext): RunningCommand | null {
  try {
    const text = readText(pathOf(context));
    return text === null ? null : RunningCommand.parse(JSON.parse(text));
  } catch (error) {
    context.log.warn(`${pathOf(context)} cannot be read and is skipped`, { error: String(error).slice(0, 300) });
    forgetRunning(context);
    return null;
  }
}

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { lookUp } from "@agent-orchestrator/plugin-kit/process";
import type { Run } from "./layout.ts";

/** Attached terminals put a file with their pid here. */
export const viewersDir = (runDir: string): string => join(runDir, "viewers");

export const hasViewers = (run: Pick<Run, "dir">): boolean => viewersIn(run.dir).length > 0;

export function viewersIn(runDir: string): number[] {
  try {
    return readdirSync(viewersDir(runDir))
      .map(Number)
      .filter((pid) => lookUp(pid) !== undefined);
  } catch {
    return []; // Nobody has ever looked.
  }
}

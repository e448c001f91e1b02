import { existsSync } from "node:fs";
import { join } from "node:path";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { RuntimeCreateConfig } from "@agent-orchestrator/core/slots/runtime";
import type { Bind } from "./container-options.ts";
import { checkoutAround, gitBinds } from "./git-mounts.ts";
import { placesOf, type Run } from "./layout.ts";

/** The folder with the `ao` of sessions. */
export const binDirOf = ({ home }: Pick<PluginContext, "home">): string => join(home, "daemon", "bin");

/** What of this machine a container has, each at its own path: its checkout, its session's folder, `ao`, and a spool of its own. */
export function bindsOf(run: Run, config: RuntimeCreateConfig, context: PluginContext): Bind[] {
  const places = placesOf(run);
  const binDir = binDirOf(context);
  const checkout = checkoutAround(config.workspacePath);
  const own = [checkout ?? config.workspacePath, run.sessionDir, places.gate];
  return [
    ...own.map((path) => ({ source: path, target: path, readOnly: false })),
    ...(existsSync(binDir) ? [{ source: binDir, target: binDir, readOnly: true }] : []),
    { source: places.spool, target: join(context.home, "daemon", "spool"), readOnly: false },
    ...(checkout === null ? [] : gitBinds(checkout)),
  ];
}

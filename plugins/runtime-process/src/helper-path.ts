import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { helperPath as find } from "@agent-orchestrator/plugin-kit/helper-path";

export type Helper = "process-runner-entry.js" | "process-attach-entry.js";

export const helperPath = (helper: Helper, context?: Pick<PluginContext, "programsDir">): string =>
  find(helper, import.meta.url, context);

export const runnerPath = (context?: Pick<PluginContext, "programsDir">): string =>
  helperPath("process-runner-entry.js", context);

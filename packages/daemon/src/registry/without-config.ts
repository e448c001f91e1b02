import { AoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { SessionPlugins } from "@agent-orchestrator/core/slots/session-plugins";
import type { PluginCache } from "./plugin-cache.ts";

/** What is left of a session without a config: the place where its agent runs and its checkout, if `ao` itself knows them. */
export function withoutConfig(
  plugins: PluginCache,
  record: SessionRecord,
  remains: ProjectConfig | null,
): SessionPlugins {
  const gone = async (): Promise<never> => {
    throw new AoError("CONFIG", `the config of ${record.projectId} is missing or broken`, {
      hint: "Put it back, or end the session with `ao kill`.",
    });
  };
  const runtime = () => plugins.builtinRuntime(record.runtime);
  const workspace = () => (remains === null ? gone() : plugins.builtinWorkspace(record.workspace, remains));
  return { runtime, agent: gone, workspace, tracker: gone, scm: gone };
}

import { resolveReactions } from "@agent-orchestrator/core/model/config-reactions";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Policy } from "@agent-orchestrator/core/model/policy";
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

/** For sessions whose config is gone: nothing is started, sent or removed automatically. */
export const CONFIG_GONE: Omit<Policy, "canMergePinned" | "agent" | "isPaused"> = {
  reactions: resolveReactions(),
  readyThresholdMs: 5 * 60_000,
  ciNoneAfterMs: 5 * 60_000,
  cleanupMs: { merged: null, done: null, closed: null, killed: null, errored: null },
  trustedBots: [],
  openPr: "manual",
  mergeMethod: null,
  closeIssueOnMerge: false,
  handsOffMs: 10 * 60_000,
};

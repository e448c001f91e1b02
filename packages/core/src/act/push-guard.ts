import { agentEnvironment } from "./agent-environment.ts";
import type { ActCall } from "./call.ts";

/**
 * What the agent's environment gets so that its git refuses to push other branches than `branch`. Nothing if the workspace plugin
 * can't do that. An agent can get around it: it keeps one from a mistake.
 */
export async function pushGuard(call: ActCall, branch: string): Promise<Record<string, string>> {
  const { record, project } = call;
  const workspace = await call.plugins.workspace();
  if (workspace.guardPushes === undefined || record.workspacePath === null) return {};
  // The environment of the user has none. `env` of the agent's options may.
  const given = Number(agentEnvironment(call.agentConfig()).GIT_CONFIG_COUNT);
  const at = Number.isInteger(given) && given > 0 ? given : 0;
  const options = { sessionId: record.id, branch, at };
  const { key, value } = await workspace.guardPushes(record.workspacePath, project, options);
  return { GIT_CONFIG_COUNT: String(at + 1), [`GIT_CONFIG_KEY_${at}`]: key, [`GIT_CONFIG_VALUE_${at}`]: value };
}

import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { DoctorRow } from "@agent-orchestrator/core/protocol/results";
import type { Agent } from "@agent-orchestrator/core/slots/agent";
import type { App } from "../app.ts";
import { type ConfiguredAgent, configuredAgents } from "../sessions/chosen-agent.ts";
import { trustedConfig } from "./trusted-config.ts";

/** Each agent that this config can start: its program, its version, and how much it may do without asking. */
export async function agentRows(app: App, caller: Caller): Promise<DoctorRow[]> {
  const instance = await trustedConfig(app, caller);
  if (instance === null) return [];
  const rows = await Promise.all(configuredAgents(instance).map((configured) => rowsOf(app, configured)));
  return rows.flat();
}

async function rowsOf(app: App, { project, chosen }: ConfiguredAgent): Promise<DoctorRow[]> {
  const { name, plugin, options } = chosen;
  const area = `agent ${name === plugin ? name : `${name} (${plugin})`}`;
  const skip: DoctorRow[] =
    options.permissions === "skip"
      ? [{ area, level: "warning", text: "it never asks for permission (permissions: skip)" }]
      : [];
  try {
    const agent = await app.world.projectPlugins(project, { agent: name, agentOptions: options }).agent();
    return [...(await findings(app, agent, { project, chosen })).map((row) => ({ area, ...row })), ...skip];
  } catch (error) {
    const { message, hint } = toAoError(error);
    return [{ area, level: "error", text: message, ...(hint === undefined ? {} : { hint }) }, ...skip];
  }
}

async function findings(
  app: App,
  agent: Agent,
  { project, chosen }: ConfiguredAgent,
): Promise<Omit<DoctorRow, "area">[]> {
  const means = await app.world.agentMeans(project, chosen);
  if (agent.examine !== undefined) return await agent.examine(means);
  await agent.preflight?.(means);
  return [{ level: "ok", text: `${agent.processName} can be started` }];
}

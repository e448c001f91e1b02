import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { DoctorRow } from "@agent-orchestrator/core/protocol/requests";
import type { Agent } from "@agent-orchestrator/core/slots/agent";
import type { App } from "../app.ts";
import { type ChosenAgent, chosenAgent } from "../chosen-agent.ts";
import type { InstanceConfig } from "../config/instance.ts";

interface Configured {
  project: ProjectConfig;
  chosen: ChosenAgent;
}

/** Each agent that this config can start: its program, its version, and how much it may do without asking. */
export async function agentRows(app: App, caller: Caller): Promise<DoctorRow[]> {
  let instance: InstanceConfig;
  try {
    instance = await app.configs.forCaller(caller);
  } catch {
    return []; // what is wrong with the config stands in its own row
  }
  if (!instance.trust.isTrusted) return [];
  const rows = await Promise.all(configuredAgents(instance).map((configured) => rowsOf(app, configured)));
  return rows.flat();
}

/** The own agent of each project, and every variant; the same one once. */
function configuredAgents({ projects, agents }: InstanceConfig): Configured[] {
  const [first] = projects;
  const own = projects.map((project) => ({ project, chosen: chosenAgent(project) }));
  const variants =
    first === undefined
      ? []
      : Object.keys(agents).map((name) => ({ project: first, chosen: chosenAgent(first, name) }));
  const known = new Map([...own, ...variants].map((one) => [JSON.stringify(one.chosen), one]));
  return [...known.values()];
}

async function rowsOf(app: App, { project, chosen }: Configured): Promise<DoctorRow[]> {
  const { name, plugin, options } = chosen;
  const area = `agent ${name === plugin ? name : `${name} (${plugin})`}`;
  const skip: DoctorRow[] =
    options.permissions === "skip"
      ? [{ area, level: "warning", text: `${project.id}: it never asks (permissions: skip)` }]
      : [];
  try {
    const agent = await app.world.projectPlugins(project, { agent: name, agentOptions: options }).agent();
    return [...(await findings(app, agent, { project, chosen })).map((row) => ({ area, ...row })), ...skip];
  } catch (error) {
    const { message, hint } = toAoError(error);
    return [{ area, level: "error", text: message, ...(hint === undefined ? {} : { hint }) }, ...skip];
  }
}

async function findings(app: App, agent: Agent, { project, chosen }: Configured): Promise<Omit<DoctorRow, "area">[]> {
  const means = await app.world.agentMeans(project, chosen);
  if (agent.examine !== undefined) return await agent.examine(means);
  await agent.preflight?.(means);
  return [{ level: "ok", text: `${agent.processName} can be started` }];
}

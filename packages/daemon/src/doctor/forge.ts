import { withDeadline } from "@agent-orchestrator/core/host/deadline";
import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { DoctorRow } from "@agent-orchestrator/core/protocol/results";
import type { App } from "../app.ts";
import type { InstanceConfig } from "../config/instance.ts";
import { trustedConfig } from "./trusted-config.ts";

type Project = InstanceConfig["projects"][number];

const TIMEOUT_MS = 15_000;

/** Whether the scm of each project of this config can be reached, and with which rights. */
export async function forgeRows(app: App, caller: Caller): Promise<DoctorRow[]> {
  const instance = await trustedConfig(app, caller);
  if (instance === null) return [];
  return (await Promise.all(instance.projects.map((project) => rowsOf(app, project)))).flat();
}

async function rowsOf(app: App, project: Project): Promise<DoctorRow[]> {
  const area = `project ${project.id}`;
  try {
    const scm = await app.world.projectPlugins(project).scm();
    const check = scm.check?.bind(scm);
    if (check === undefined) return [];
    const late = () => new AoError("UNREACHABLE", `the scm ${project.scm.plugin} did not answer within 15 s`);
    const asking = { clock: app.world.clock, ms: TIMEOUT_MS, signal: app.stopping, late };
    const rows = await withDeadline((signal) => check({ signal }), asking);
    return rows.map(({ ok, text, hint }) => ({
      area,
      level: ok ? "ok" : "warning",
      text,
      ...(hint === undefined ? {} : { hint }),
    }));
  } catch (error) {
    const { message, hint } = toAoError(error);
    return [{ area, level: "warning", text: message, ...(hint === undefined ? {} : { hint }) }];
  }
}

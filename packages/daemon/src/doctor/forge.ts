import { withDeadline } from "@agent-orchestrator/core/host/deadline";
import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { DoctorRow } from "@agent-orchestrator/core/protocol/results";
import type { SCM } from "@agent-orchestrator/core/slots/scm";
import type { App } from "../app.ts";
import type { InstanceConfig } from "../config/instance.ts";
import { trustedConfig } from "./trusted-config.ts";

type Project = InstanceConfig["projects"][number];

const TIMEOUT_MS = 15_000;

/** Whether the scm and the trackers of each project of this config can be reached, and with which rights. */
export async function forgeRows(app: App, caller: Caller): Promise<DoctorRow[]> {
  const instance = await trustedConfig(app, caller);
  if (instance === null) return [];
  return (await Promise.all(instance.projects.flatMap((project) => rowsOf(app, project)))).flat();
}

type Checkable = Pick<SCM, "check">;

function rowsOf(app: App, project: Project): Promise<DoctorRow[]>[] {
  const plugins = app.world.projectPlugins(project);
  const area = `project ${project.id}`;
  return [
    rowsFrom(app, { area, whom: `the scm ${project.scm.plugin}` }, plugins.scm),
    ...plugins.trackers().map(({ name, load }) => rowsFrom(app, { area, whom: `the tracker ${name}` }, load)),
  ];
}

async function rowsFrom(
  app: App,
  { area, whom }: { area: string; whom: string },
  load: () => Promise<Checkable>,
): Promise<DoctorRow[]> {
  try {
    const plugin = await load();
    const check = plugin.check?.bind(plugin);
    if (check === undefined) return [];
    const late = () => new AoError("UNREACHABLE", `${whom} did not answer within 15 s`);
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

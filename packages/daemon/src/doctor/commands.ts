import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { DoctorRow } from "@agent-orchestrator/core/protocol/results";
import type { App } from "../app.ts";
import type { InstanceConfig } from "../config/instance.ts";
import { missingPrograms, type NamedLine } from "../environment/needed-programs.ts";
import { trustedConfig } from "./trusted-config.ts";

type Project = InstanceConfig["projects"][number];

/** Programs that the config's own commands need and this machine lacks. An agent could not fix that. */
export async function commandRows(app: App, caller: Caller): Promise<DoctorRow[]> {
  const instance = await trustedConfig(app, caller);
  if (instance === null) return [];
  const env = (await app.environments.around(instance.id))();
  const rows = await Promise.all(
    instance.projects.map(async (project) => {
      const lines = [...ownLines(project), ...(await scmLines(app, project))];
      return missingPrograms(lines, env.PATH).map(({ program, where }): DoctorRow => {
        const hint = "Install it, or put its folder on the PATH of the terminal in which you run `ao`.";
        return { area: `project ${project.id}`, level: "warning", text: missingText(program, where), hint };
      });
    }),
  );
  return rows.flat();
}

export const missingText = (program: string, where: readonly string[]): string =>
  `${program} is not on PATH, and ${where.join(", ")} ${where.length === 1 ? "needs" : "need"} it`;

const ownLines = ({ postCreate, preDestroy }: Project): NamedLine[] => [
  ...postCreate.map((line) => ({ where: "postCreate", line })),
  ...preDestroy.map((line) => ({ where: "preDestroy", line })),
];

async function scmLines(app: App, project: Project): Promise<readonly NamedLine[]> {
  try {
    return (await app.world.projectPlugins(project).scm()).commandLines?.() ?? [];
  } catch {
    return []; // A plugin that cannot be created is reported where it is used.
  }
}

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSpawnArguments } from "@agent-orchestrator/core/decide/names";
import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { App } from "../app.ts";
import { HOME_CONFIG_NAME } from "../config/find.ts";
import type { InstanceConfig } from "../config/instance.ts";
import { projectOf } from "../config/resolve.ts";

export interface SpawnPlace {
  instance: InstanceConfig;
  config: ProjectConfig;
  /** The words after the project. */
  issues: string[];
}

const idsOf = ({ projects, brokenProjects }: InstanceConfig): string[] => [
  ...projects.map(({ id }) => id),
  ...brokenProjects.keys(),
];

/** The requested project: from the config here, else the one of that name in any config that `ao` knows. */
export async function spawnPlace(app: App, words: string[], caller: Caller): Promise<SpawnPlace> {
  const here = await app.configs.forCaller(caller).catch((error: unknown) => toAoError(error));
  const [first] = words;
  const isHere = !(here instanceof Error) && first !== undefined && idsOf(here).includes(first);
  const there = isHere || first === undefined ? null : elsewhere(app, first);
  if (there !== null) {
    const instance = await app.configs.forCaller({ ...caller, configPath: there.path });
    return { instance, config: projectOf(instance, first ?? ""), issues: [...new Set(words.slice(1))] };
  }
  if (here instanceof Error) throw here;
  if (!isHere) requireConfigured(app, here, caller.cwd);
  const { project, issues } = parseSpawnArguments(words, {
    projects: [
      ...here.projects.map(({ id, path }) => ({ id, path })),
      ...[...here.brokenProjects.keys()].map((id) => ({ id, path: "" })),
    ],
    cwd: caller.cwd,
  });
  return { instance: here, config: projectOf(here, project), issues };
}

function elsewhere(app: App, project: string): InstanceConfig | null {
  const [first, ...others] = app.configs.all().filter((one) => idsOf(one).includes(project) && existsSync(one.path));
  if (first === undefined || others.length === 0) return first ?? null;
  const paths = [first, ...others].map(({ path }) => path).join(", ");
  throw new AoError("AMBIGUOUS", `there is a project ${project} in several configs: ${paths}`, {
    hint: "Name the config with `--config`, or go to its folder.",
  });
}

/** The user's own config applies everywhere, so in a repository that it does not name, it gives no project to fall back on. */
export function requireConfigured(app: App, instance: InstanceConfig, cwd: string): void {
  if (instance.path !== join(app.home, HOME_CONFIG_NAME)) return;
  const isIn = ({ path }: ProjectConfig) => cwd === path || cwd.startsWith(`${path}/`);
  const root = repositoryAround(cwd);
  if (instance.projects.some(isIn) || (root === null && instance.projects.length > 0)) return;
  throw new AoError("CONFIG", `${root ?? cwd} has no agent-orchestrator.yaml`, {
    hint: `Run \`ao init\` in your repository${instance.projects.length > 0 ? ", or name a project" : ""}.`,
  });
}

function repositoryAround(cwd: string): string | null {
  for (let dir = cwd; ; dir = dirname(dir)) {
    if (existsSync(join(dir, ".git"))) return dir;
    if (dir === dirname(dir)) return null;
  }
}

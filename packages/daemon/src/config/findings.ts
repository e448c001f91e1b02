import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { type AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { App } from "../app.ts";
import { configuredAgents } from "../sessions/chosen-agent.ts";
import type { InstanceConfig } from "./instance.ts";
import type { Problem } from "./problem.ts";
import { unknownAgents } from "./unknown-agents.ts";

export interface ConfigFindings {
  /** What a spawn or a notification would fail with. */
  problems: Problem[];
  /** What may be intended. */
  warnings: Problem[];
}

/** Of a config that could be read: what its projects, plugins and their options are refused for. Starts nothing. */
export async function configFindings(app: App, instance: InstanceConfig): Promise<ConfigFindings> {
  const at = (path: string, message: string, suggestion?: string): Problem => ({
    ...{ file: instance.path, line: 0, column: 0, path, message },
    ...(suggestion === undefined ? {} : { suggestion }),
  });
  // A variable that is not set is named with the key that needs it.
  const of = (path: string, { message, hint }: AoError): Problem =>
    at(message.startsWith("projects.") ? "" : path, message, hint === undefined ? undefined : asClause(hint));
  const broken = [...instance.brokenProjects].map(([id, error]) => of(`projects.${id}`, error));
  if (!instance.trust.isTrusted) {
    const unchecked = at("", "not trusted, so the options of plugins were not checked", "run `ao trust`");
    return { problems: broken, warnings: [unchecked] };
  }
  const faults = await Promise.all([
    ...instance.projects.flatMap((project) => projectChecks(app, project)),
    ...agentChecks(app, instance),
    ...notifierChecks(app, instance),
  ]);
  const found = faults.flatMap((fault) => (fault === null ? [] : [fault]));
  const fatal = found.filter(({ error }) => FATAL.has(error.code));
  const later = found.filter(({ error }) => error.code === "UNAVAILABLE");
  const unknown = (await unknownAgents(app, instance)).map(({ where, error }) => of(where, error));
  return {
    problems: distinct([...broken, ...unknown, ...fatal.map(({ path, error, slip }) => slip ?? of(path, error))]),
    warnings: distinct([
      ...later.map(({ path, error }) => of(path, error)),
      ...instance.projects.flatMap(missingFiles).map(({ path, message }) => at(path, message)),
    ]),
  };
}

/** The config is wrong, whatever is installed on this machine. */
const FATAL: ReadonlySet<AoError["code"]> = new Set(["CONFIG", "NOT_FOUND", "PLUGIN"]);

/** `Set X.` → `set X` */
const asClause = (hint: string): string => `${hint.slice(0, 1).toLowerCase()}${hint.slice(1)}`.replace(/\.$/, "");

interface Fault {
  path: string;
  error: AoError;
  /** It looks like a typo: what was said when the config was read, with the place and what was probably meant. */
  slip?: Problem | undefined;
}

async function faultOf(path: string, check: () => Promise<unknown>): Promise<Fault | null> {
  try {
    await check();
    return null;
  } catch (error) {
    return { path, error: toAoError(error) };
  }
}

function projectChecks(app: App, project: ProjectConfig): Promise<Fault | null>[] {
  const plugins = app.world.projectPlugins(project);
  const slots = ["runtime", "workspace", "scm"] as const;
  return [
    ...slots.map((slot) => faultOf(`projects.${project.id}.${slot}`, () => plugins[slot]())),
    ...plugins
      .trackers()
      .map(({ load }) => faultOf(`projects.${project.id}.${project.trackers ? "trackers" : "tracker"}`, load)),
    faultOf(`projects.${project.id}.defaultBranch`, () => requireBranch(app, project)),
  ];
}

/** As a spawn would look for the branch. Without a name, a spawn takes the one that the repository has. */
async function requireBranch(app: App, project: ProjectConfig): Promise<void> {
  if (project.defaultBranch === null) return;
  const workspace = await app.world
    .projectPlugins(project)
    .workspace()
    .catch(() => null); // reported for its slot
  const branch = (await workspace?.freeBranch?.("ao-config-validate", project)) ?? "ao-config-validate";
  await workspace?.check?.({ project, branch, baseBranch: project.defaultBranch });
}

function agentChecks(app: App, instance: InstanceConfig): Promise<Fault | null>[] {
  return configuredAgents(instance).map(({ project, chosen }) => {
    const isVariant = Object.hasOwn(instance.agents, chosen.name);
    const path = isVariant ? `agents.${chosen.name}` : `projects.${project.id}.agentConfig`;
    return faultOf(path, async () => {
      const { name, options } = chosen;
      const agent = await app.world.projectPlugins(project, { agent: name, agentOptions: options }).agent();
      await agent.preflight?.(await app.world.agentMeans(project, chosen));
    }).then((fault) => (fault?.error.code === "NOT_FOUND" ? null : fault)); // `unknownAgents` says where it is named
  });
}

const notifierChecks = (app: App, instance: InstanceConfig): Promise<Fault | null>[] =>
  Object.entries(instance.notifiers).map(async ([name, choice]) => {
    const named = instance.namedAt.get(name);
    const path = named ?? `notifiers.${name}`;
    const fault = await faultOf(path, () => app.plugins.notifier(instance, choice));
    if (fault?.error.code !== "NOT_FOUND") return fault;
    const slip = instance.warnings.find((one) => one.path === named && one.message.includes(`\`${name}\``));
    return { ...fault, slip };
  });

/** Another base may have them, so it is not certain that they are missing. */
function missingFiles({ id, path, cwd, agentRulesFile }: ProjectConfig): { path: string; message: string }[] {
  const isMissing = (name: string) => !existsSync(isAbsolute(name) ? name : join(path, name));
  return [
    ...(cwd !== null && isMissing(cwd) ? [{ path: `projects.${id}.cwd`, message: `there is no folder ${cwd}` }] : []),
    ...(agentRulesFile !== null && isMissing(agentRulesFile)
      ? [{ path: `projects.${id}.agentRulesFile`, message: `there is no file ${agentRulesFile}` }]
      : []),
  ];
}

/** Projects that share a fault, such as one of `defaults:`, are each named, but none twice. */
const distinct = (problems: readonly Problem[]): Problem[] => [
  ...new Map(problems.map((problem) => [`${problem.path}: ${problem.message}`, problem])).values(),
];

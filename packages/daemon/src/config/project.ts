import type { ConfigInput } from "@agent-orchestrator/core/model/config";
import type { SlotChoice } from "@agent-orchestrator/core/model/config-plugin";
import type { ProjectInput } from "@agent-orchestrator/core/model/config-project";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginChoice, ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { EmbeddedDefaults } from "../builtin.ts";
import { sessionPrefixOf } from "./prefix.ts";
import { repositoryAt } from "./repository.ts";

export interface ProjectSource {
  id: string;
  instanceId: string;
  /** The config's folder. */
  dir: string;
  config: ConfigInput;
  project: ProjectInput;
  /** Variants of agents, by name. */
  agents: Record<string, PluginChoice>;
  embedded: EmbeddedDefaults;
}

const POST_CREATE_TIMEOUT_MS = 15 * 60_000;
const PORTS = 10;

/** One project with everything filled in. Throws CONFIG if its folder is not a repository. */
export function resolveProject(source: ProjectSource): ProjectConfig {
  const { id, project, dir, instanceId } = source;
  const scm = choiceOf(source, "scm");
  const trackers = trackersOf(source);
  return {
    id,
    instanceId,
    name: project.name ?? id,
    repo: project.repo ?? null,
    path: repositoryAt(project.path ?? dir, id),
    defaultBranch: project.defaultBranch ?? null,
    sessionPrefix: project.sessionPrefix ?? sessionPrefixOf(id),
    runtime: choiceOf(source, "runtime"),
    agent: choiceOf(source, "agent"),
    agents: source.agents,
    workspace: choiceOf(source, "workspace"),
    tracker: trackers[0] ?? choiceOf(source, "tracker"),
    ...(trackers.length > 1 ? { trackers } : {}),
    scm,
    terminal: choiceOf(source, "terminal"),
    agentConfig: defined(project.agentConfig ?? {}),
    agentRules: project.agentRules ?? null,
    agentRulesFile: project.agentRulesFile ?? null,
    symlinks: project.symlinks ?? [],
    copy: project.copy ?? [],
    postCreate: project.postCreate ?? [],
    postCreateTimeoutMs: project.postCreateTimeout ?? POST_CREATE_TIMEOUT_MS,
    preDestroy: project.preDestroy ?? [],
    ports: project.ports ?? PORTS,
    cwd: project.cwd ?? null,
    sparse: project.sparse ?? [],
    worktreeDir: project.worktreeDir ?? null,
    branch: project.branch ?? null,
    maxConcurrentSessions: project.limits?.maxConcurrentSessions ?? null,
    mergeMethod: (scm.options.mergeMethod as ProjectConfig["mergeMethod"] | undefined) ?? null,
  };
}

type ProjectSlot = "runtime" | "agent" | "workspace" | "tracker" | "scm" | "terminal";

/** The project's choice, else the defaults', else the one built into this release. */
function choiceOf(source: ProjectSource, slot: ProjectSlot): PluginChoice {
  return filledIn(source, slot, source.project[slot]);
}

function filledIn(source: ProjectSource, slot: ProjectSlot, choice: SlotChoice | undefined): PluginChoice {
  const { plugin, ...options } = typeof choice === "string" ? { plugin: choice } : (choice ?? {});
  const name = plugin ?? source.config.defaults?.[slot] ?? embeddedChoice(source, slot);
  return { plugin: name, options: defined(options) };
}

/** Those of `trackers`. None if the project has one only. */
function trackersOf(source: ProjectSource): PluginChoice[] {
  const { id, project } = source;
  if (project.trackers === undefined) return [];
  const trackers = project.trackers.map((choice) => filledIn(source, "tracker", choice));
  const names = trackers.map(({ plugin }) => plugin);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  const path = `projects.${id}.trackers`;
  if (project.tracker !== undefined) {
    throw new AoError("CONFIG", `${path}: cannot be combined with \`tracker\``, {
      hint: "List all of them in `trackers`.",
    });
  }
  if (twice === undefined) return trackers;
  throw new AoError("CONFIG", `${path}: ${twice} is named twice`, {
    hint: "Make a project for each team or repository.",
  });
}

function embeddedChoice({ project, embedded }: ProjectSource, slot: ProjectSlot): string {
  if (slot === "tracker" || slot === "scm") return project.repo === undefined ? embedded.local : embedded.forge;
  if (slot === "agent" && project.agentConfig?.command !== undefined) return embedded.agentWithCommand;
  return embedded[slot];
}

/** Variants of agents as plugins with options. */
export function agentVariants(config: ConfigInput): Record<string, PluginChoice> {
  const variants = Object.entries(config.agents ?? {});
  return Object.fromEntries(
    variants.map(([name, { plugin, ...options }]) => [name, { plugin, options: defined(options) }]),
  );
}

const defined = (map: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined));

/** Why a project whose variables are not known can't be used. */
export function unsetError(projectId: string, path: string, variable: string | null): AoError {
  if (variable === null) {
    return new AoError(
      "UNTRUSTED",
      `project ${projectId}: ${path} needs the environment, and this config is not trusted`,
      {
        hint: "Review it with `ao trust`.",
      },
    );
  }
  return new AoError("CONFIG", `${path}: the environment variable ${variable} is not set`, {
    hint: `Set ${variable} where \`ao\` runs, or write \${${variable}:-default} in the config.`,
  });
}

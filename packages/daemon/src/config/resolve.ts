import { nearest } from "@agent-orchestrator/core/host/suggest";
import type { ConfigInput } from "@agent-orchestrator/core/model/config";
import { resolveReactions } from "@agent-orchestrator/core/model/config-reactions";
import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import { READY_THRESHOLD_MS } from "@agent-orchestrator/core/model/policy";
import { draftModeOf, openPrOf, type PluginChoice, type ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { EmbeddedDefaults } from "../builtin.ts";
import type { FoundConfig } from "./find.ts";
import type { InstanceConfig, IssuePolicy, PolicyInput, SessionLimits, TrustView } from "./instance.ts";
import type { Layers } from "./layers.ts";
import { limitsOf } from "./limits.ts";
import { NO_POLICY } from "./no-policy.ts";
import { resolveNotifiers } from "./notifiers.ts";
import { pluginOrigins } from "./origins.ts";
import { collisions, sessionPrefixOf } from "./prefix.ts";
import type { Problem } from "./problem.ts";
import { agentVariants, resolveProject, unsetError } from "./project.ts";
import { formatPath } from "./read.ts";
import type { Path } from "./yaml-tree.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const HANDS_OFF_MS = 10 * 60_000;
/** How many agents may work at the same time if the user set no limit. */
export const MACHINE_SESSIONS = 10;

export interface Resolution {
  found: FoundConfig;
  layers: Layers;
  /** The config is the user's own `config.yaml`. */
  isUsers: boolean;
  /** The layers merged. */
  config: ConfigInput;
  trust: TrustView;
  pluginParts: string[];
  embedded: EmbeddedDefaults;
}

/** Makes an instance from merged layers. Problems that affect all of it are returned, not thrown. */
export function resolveInstance(resolution: Resolution): { instance: InstanceConfig; problems: Problem[] } {
  const { found, layers, config, trust } = resolution;
  const files = [layers.local, layers.instance, layers.user].filter((layer) => layer !== null);
  const { projects, broken } = resolveProjects(resolution);
  // Without trust, a config reaches nobody but those that the user's own names.
  const routed = trust.isTrusted ? config : (layers.user?.config ?? {});
  const { slips, namedAt, ...notifying } = resolveNotifiers(routed, resolution.embedded.notifiers);
  const instance: InstanceConfig = {
    id: found.instanceId,
    path: found.path,
    dir: found.dir,
    files: files.map((layer) => layer.path),
    trust,
    agents: agentVariants(config),
    projects,
    brokenProjects: broken,
    ...notifying,
    namedAt: new Map([...namedAt].map(([name, path]) => [name, formatPath(path)])),
    limits: sessionLimits(resolution),
    port: config.port ?? 3000,
    dashboard: config.dashboard ?? false,
    plugins: pluginOrigins(layers),
    pluginParts: resolution.pluginParts,
    preserveMs: preserveMs(resolution),
    trustedAuthors: config.trust?.authors ?? "write",
    trustedBots: config.trust?.bots ?? [],
    policies: new Map(projects.map((project) => [project.id, policyOf(resolution, project)])),
    warnings: [
      ...files.flatMap((layer) => layer.warnings),
      ...unsetWarnings(layers),
      ...slipWarnings(layers, namedAt, slips),
    ],
  };
  instance.warnings.push(...limitWarnings(layers, instance));
  return { instance, problems: collisionProblems(resolution) };
}

function resolveProjects(resolution: Resolution): { projects: ProjectConfig[]; broken: Map<string, AoError> } {
  const { found, layers, config, embedded } = resolution;
  const projects: ProjectConfig[] = [];
  const broken = new Map<string, AoError>();
  const agents = agentVariants(config);
  const unset = [layers.user, layers.instance, layers.local].flatMap((layer) => layer?.unset ?? []);
  for (const [id, project] of Object.entries(config.projects ?? {})) {
    const hole = unset.find(({ path }) => path[0] === "projects" && path[1] === id);
    try {
      if (hole !== undefined) throw unsetError(id, formatPath(hole.path), hole.variable);
      const place = { id, instanceId: found.instanceId, dir: found.dir };
      projects.push(resolveProject({ ...place, config, project, agents, embedded }));
    } catch (error) {
      broken.set(id, toAoError(error));
    }
  }
  return { projects, broken };
}

/** A repository's config keeps removed work at least as long as the user's own. Without trust, it removes none. */
function preserveMs({ config, layers, isUsers, trust }: Resolution): number | null {
  const keep = (value: number | null | undefined) => (value === undefined ? 30 * DAY : value);
  const merged = keep(config.cleanup?.preserve);
  if (isUsers) return merged;
  const user = keep(layers.user?.config.cleanup?.preserve);
  return !trust.isTrusted || merged === null || user === null ? null : Math.max(merged, user);
}

function policyOf({ config, layers, isUsers, trust, embedded }: Resolution, project: ProjectConfig): PolicyInput {
  const user = isUsers ? config : layers.user?.config;
  if (!trust.isTrusted)
    return { ...NO_POLICY, limits: limitsOf(config.limits, user?.limits), prices: user?.prices ?? {} };
  const { cleanup = {}, ci = {} } = config;
  const input = config.projects?.[project.id];
  const keep = (value: number | null | undefined, fallback: number) => (value === undefined ? fallback : value);
  return {
    reactions: resolveReactions(config.reactions, input?.reactions),
    readyThresholdMs: config.readyThresholdMs ?? READY_THRESHOLD_MS,
    ciNoneAfterMs: input?.ci?.noneAfter ?? ci.noneAfter ?? 300_000,
    ciRerun: input?.ci?.rerun ?? ci.rerun ?? 1,
    ciFlaky: input?.ci?.flaky ?? ci.flaky ?? [],
    cleanupMs: {
      merged: keep(cleanup.merged, HOUR),
      done: keep(cleanup.done, 7 * DAY),
      closed: keep(cleanup.closed, 7 * DAY),
      killed: keep(cleanup.killed, 14 * DAY),
      errored: keep(cleanup.errored, 14 * DAY),
    },
    trustedBots: config.trust?.bots ?? [],
    openPr: openPrOf(project),
    draft: draftModeOf(project),
    replyOnFix: project.scm.options.replyOnFix === true,
    isRemote: project.repo !== null,
    mergeMethod: project.mergeMethod,
    ...issuePolicy(project.tracker, embedded),
    ...(project.trackers && {
      issuePolicies: Object.fromEntries(project.trackers.map((one) => [one.plugin, issuePolicy(one, embedded)])),
    }),
    handsOffMs: HANDS_OFF_MS,
    limits: limitsOf(config.limits, user?.limits),
    prices: config.prices ?? {},
  };
}

const issuePolicy = (tracker: PluginChoice, embedded: EmbeddedDefaults): IssuePolicy => ({
  claimIssue: tracker.options.claim === true,
  stageIssue: movesIssues(tracker, embedded),
  closeIssueOnMerge: tracker.options.closeOnMerge !== false,
});

/** What a tracker does by itself, its option `states` turns off. Of any other tracker it turns it on. */
const movesIssues = ({ plugin, options }: PluginChoice, { stagedTrackers }: EmbeddedDefaults): boolean =>
  options.states === undefined ? stagedTrackers.includes(plugin) : options.states !== false;

/** The user's own config applies to the whole machine, any other config only to itself. */
function sessionLimits({ config, layers, isUsers }: Resolution): SessionLimits {
  const of = (layer: Layers["user"]) => layer?.config.limits?.maxConcurrentSessions;
  const machine = (isUsers ? config.limits?.maxConcurrentSessions : of(layers.user)) ?? MACHINE_SESSIONS;
  const own = isUsers ? null : (of(layers.local) ?? of(layers.instance) ?? null);
  return { machine, own, maxConcurrentSessions: Math.min(machine, own ?? machine) };
}

/** Two projects that could not be told apart by their sessions' ids, or by their folders. */
function collisionProblems({ config, layers }: Resolution): Problem[] {
  const entries = Object.entries(config.projects ?? {});
  const ids = new Map(entries.map(([id]) => [id, id]));
  const prefixes = new Map(entries.map(([id, project]) => [id, project.sessionPrefix ?? sessionPrefixOf(id)]));
  const sameIds = collisions(ids).map((group) =>
    problemAt(layers, ["projects", group[1] ?? ""], `${namesOf(group)} differ only in letter case`),
  );
  const samePrefixes = collisions(prefixes).map((group) => {
    const id = group[1] ?? "";
    const message = `${namesOf(group)} have the same session prefix \`${prefixes.get(id)}\``;
    return {
      ...problemAt(layers, ["projects", id, "sessionPrefix"], message),
      suggestion: `set \`projects.${id}.sessionPrefix\` to another`,
    };
  });
  return [...sameIds, ...samePrefixes];
}

const namesOf = (ids: readonly string[]): string => `the projects ${ids.map((id) => `\`${id}\``).join(" and ")}`;

function problemAt(layers: Layers, path: Path, message: string): Problem {
  const files = [layers.local, layers.instance, layers.user].filter((layer) => layer !== null);
  const layer =
    files.find(({ tree }) => tree.has(path)) ?? files.find(({ tree }) => tree.has(path.slice(0, 2))) ?? layers.instance;
  return { file: layer.path, ...layer.tree.locate(path), path: formatPath(path), message };
}

/** Outside of projects, an unset variable leaves its key at the default. */
function unsetWarnings(layers: Layers): Problem[] {
  return [layers.local, layers.instance, layers.user].flatMap((layer) =>
    (layer?.unset ?? [])
      .filter(({ path, variable }) => path[0] !== "projects" && variable !== null)
      .map(({ path, variable }) => ({
        file: layer?.path ?? "",
        ...(layer?.tree.locate(path) ?? { line: 0, column: 0 }),
        path: formatPath(path),
        message: `the environment variable ${variable} is not set; the default is used`,
      })),
  );
}

function slipWarnings(
  layers: Layers,
  namedAt: ReadonlyMap<string, Path>,
  slips: ReadonlyMap<string, string>,
): Problem[] {
  return [...slips].map(([name, meant]) => ({
    ...problemAt(layers, namedAt.get(name) ?? ["notifiers"], `no notifier \`${name}\` is defined under \`notifiers\``),
    suggestion: `did you mean \`${meant}\`?`,
  }));
}

/** Warns about a limit above the machine's, which looks as if it raised that one. */
function limitWarnings(layers: Layers, { limits: { machine, own }, projects }: InstanceConfig): Problem[] {
  const wanted: [Path, number | null | undefined][] = [
    [["limits", "maxConcurrentSessions"], own],
    ...projects.map(({ id, maxConcurrentSessions }): [Path, number | null | undefined] => [
      ["projects", id, "limits", "maxConcurrentSessions"],
      maxConcurrentSessions,
    ]),
  ];
  return wanted.flatMap(([path, max]) => {
    if (max === null || max === undefined || max <= machine) return [];
    const message = `${max} is above the machine's limit of ${machine}, which applies`;
    return [{ ...problemAt(layers, path, message), suggestion: "raise that one in `$AO_HOME/config.yaml`" }];
  });
}

/** The project of this id. Throws NOT_FOUND, or what is wrong with it. */
export function projectOf(instance: InstanceConfig, id: string): ProjectConfig {
  const project = instance.projects.find((candidate) => candidate.id === id);
  if (project !== undefined) return project;
  const error = instance.brokenProjects.get(id);
  if (error !== undefined) throw error;
  const ids = [...instance.projects.map((one) => one.id), ...instance.brokenProjects.keys()];
  const meant = nearest(id, ids);
  const hint = ids.length === 0 ? `${instance.path} defines no projects.` : `The projects are ${ids.join(", ")}.`;
  throw new AoError(
    "NOT_FOUND",
    `there is no project \`${id}\`${meant === null ? "" : `; did you mean \`${meant}\`?`}`,
    {
      hint,
    },
  );
}

/** What decisions need from the config for one project. */
export function policyFor(instance: InstanceConfig, projectId: string): PolicyInput {
  const policy = instance.policies.get(projectId);
  if (policy === undefined) throw new AoError("NOT_FOUND", `there is no project \`${projectId}\``);
  return policy;
}

import type { DraftMode, MergeMethod } from "./pull-request.ts";

/** A slot's plugin and its options, after layering. `scm: local` and `scm: {plugin: local, ci: […]}` have the same shape. */
export interface PluginChoice {
  plugin: string;
  options: Record<string, unknown>;
}

/** One project as all but the config loader see it: layered, with defaults, and durations in milliseconds. */
export interface ProjectConfig {
  id: string;
  instanceId: string;
  name: string;
  /** `owner/name` on a forge. Null if local. */
  repo: string | null;
  /** Absolute, real path of the repository. */
  path: string;
  /** Null for the repository's own default. */
  defaultBranch: string | null;
  sessionPrefix: string;
  runtime: PluginChoice;
  agent: PluginChoice;
  /** Variants of agents by name: `agent` may name one of them instead of a plugin. */
  agents: Record<string, PluginChoice>;
  workspace: PluginChoice;
  tracker: PluginChoice;
  /** All of a project with several, of which `tracker` is the first. Their issues are told apart by `issueKey`. */
  trackers?: PluginChoice[];
  scm: PluginChoice;
  terminal: PluginChoice;
  /** Options of the agent: permissions, allow, model, and the agent plugin's own. */
  agentConfig: Record<string, unknown>;
  agentRules: string | null;
  agentRulesFile: string | null;
  symlinks: string[];
  copy: string[];
  postCreate: string[];
  postCreateTimeoutMs: number;
  preDestroy: string[];
  ports: number;
  cwd: string | null;
  sparse: string[];
  worktreeDir: string | null;
  /** Template with {user} {issue} {slug}. Null for the tracker's own name. */
  branch: string | null;
  mergeMethod: MergeMethod | null;
  /** How many agents work at the same time. If absent or null, only the limits of the config and the machine apply. */
  maxConcurrentSessions?: number | null;
}

/** When a branch with commits becomes a pull request. On a forge other people see it, so there the agent or the user opens it. */
export const openPrOf = ({ scm, repo }: Pick<ProjectConfig, "scm" | "repo">): "turn-end" | "manual" => {
  const { openPr } = scm.options;
  if (openPr === "manual" || openPr === "turn-end") return openPr;
  return repo === null ? "turn-end" : "manual";
};

/** Whether its pull requests begin as drafts, and until when. */
export const draftModeOf = ({ scm }: Pick<ProjectConfig, "scm">): DraftMode => {
  const { draft } = scm.options;
  return draft === "until-green" ? draft : draft === true;
};

/** Its trackers, in a sentence. */
export const trackerText = ({ tracker, trackers = [] }: Pick<ProjectConfig, "tracker" | "trackers">): string =>
  trackers.length < 2
    ? `the tracker ${tracker.plugin}`
    : `the trackers ${trackers.map(({ plugin }) => plugin).join(" and ")}`;

import type { PluginModule, Slot } from "@agent-orchestrator/core/slots/common";

/** How a built-in plugin is loaded: only when something uses it. */
export type LoadBuiltin = () => Promise<PluginModule>;
export type BuiltinTable = Readonly<Record<Slot, Readonly<Record<string, LoadBuiltin>>>>;

const only = (imported: Promise<{ default: unknown }>): Promise<PluginModule> =>
  imported.then((module) => module.default as PluginModule);

/** The only place that names plugins. */
export const BUILTIN: BuiltinTable = {
  runtime: {
    tmux: () => only(import("@agent-orchestrator/runtime-tmux")),
    process: () => only(import("@agent-orchestrator/runtime-process")),
  },
  agent: {
    acp: () => only(import("@agent-orchestrator/agent-acp")),
    aider: () => only(import("@agent-orchestrator/agent-aider")),
    "claude-code": () => only(import("@agent-orchestrator/agent-claude-code")),
    command: () => only(import("@agent-orchestrator/agent-command")),
    codex: () => only(import("@agent-orchestrator/agent-codex")),
    opencode: () => only(import("@agent-orchestrator/agent-opencode")),
  },
  workspace: {
    worktree: () => only(import("@agent-orchestrator/workspace-worktree")),
    clone: () => only(import("@agent-orchestrator/workspace-clone")),
  },
  tracker: { local: () => only(import("@agent-orchestrator/tracker-local")) },
  scm: { local: () => only(import("@agent-orchestrator/scm-local")) },
  notifier: { desktop: () => only(import("@agent-orchestrator/notifier-desktop")) },
  terminal: {},
};

export const isBuiltin = (slot: Slot, name: string): boolean => Object.hasOwn(BUILTIN[slot], name);

/** Names that a config may contain but this release does not have. Only using one is an error. */
export const PLANNED: Readonly<Record<Slot, readonly string[]>> = {
  runtime: ["docker", "k8s"],
  agent: [],
  workspace: [],
  tracker: ["github", "linear"],
  scm: ["github"],
  notifier: ["slack", "webhook", "composio"],
  terminal: ["iterm2", "web", "command"],
};

/** What a project uses when no config says otherwise. */
export interface EmbeddedDefaults {
  runtime: string;
  /** Used if tmux is not installed. */
  runtimeWithoutTmux: string;
  workspace: string;
  terminal: string;
  agent: string;
  /** For a project whose `agentConfig` names a program. */
  agentWithCommand: string;
  /** tracker and scm of a project with `repo`. */
  forge: string;
  /** tracker and scm of a project without. */
  local: string;
  notifiers: string[];
}

export const EMBEDDED_DEFAULTS: EmbeddedDefaults = {
  runtime: "tmux",
  runtimeWithoutTmux: "process",
  workspace: "worktree",
  terminal: "web",
  agent: "claude-code",
  agentWithCommand: "command",
  forge: "github",
  local: "local",
  notifiers: ["desktop"],
};

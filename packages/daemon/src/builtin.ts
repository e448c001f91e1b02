import { manifest as acpAgent } from "@agent-orchestrator/agent-acp/manifest";
import { manifest as aiderAgent } from "@agent-orchestrator/agent-aider/manifest";
import { manifest as claudeCodeAgent } from "@agent-orchestrator/agent-claude-code/manifest";
import { manifest as codexAgent } from "@agent-orchestrator/agent-codex/manifest";
import { manifest as commandAgent } from "@agent-orchestrator/agent-command/manifest";
import { manifest as opencodeAgent } from "@agent-orchestrator/agent-opencode/manifest";
import type { PluginManifest, PluginModule, Slot } from "@agent-orchestrator/core/slots/common";
import { manifest as commandNotifier } from "@agent-orchestrator/notifier-command/manifest";
import { manifest as composioNotifier } from "@agent-orchestrator/notifier-composio/manifest";
import { manifest as desktopNotifier } from "@agent-orchestrator/notifier-desktop/manifest";
import { manifest as slackNotifier } from "@agent-orchestrator/notifier-slack/manifest";
import { manifest as webhookNotifier } from "@agent-orchestrator/notifier-webhook/manifest";
import { manifest as dockerRuntime } from "@agent-orchestrator/runtime-docker/manifest";
import { manifest as processRuntime } from "@agent-orchestrator/runtime-process/manifest";
import { manifest as tmuxRuntime } from "@agent-orchestrator/runtime-tmux/manifest";
import { manifest as githubScm } from "@agent-orchestrator/scm-github/manifest";
import { manifest as localScm } from "@agent-orchestrator/scm-local/manifest";
import { manifest as commandTerminal } from "@agent-orchestrator/terminal-command/manifest";
import { manifest as tmuxTerminal } from "@agent-orchestrator/terminal-tmux/manifest";
import { manifest as webTerminal } from "@agent-orchestrator/terminal-web/manifest";
import { manifest as githubTracker } from "@agent-orchestrator/tracker-github/manifest";
import { manifest as linearTracker } from "@agent-orchestrator/tracker-linear/manifest";
import { manifest as localTracker } from "@agent-orchestrator/tracker-local/manifest";
import { manifest as cloneWorkspace } from "@agent-orchestrator/workspace-clone/manifest";
import { manifest as worktreeWorkspace } from "@agent-orchestrator/workspace-worktree/manifest";

/** What is known of a built-in plugin, and how it is loaded: only when something uses it. */
export interface Builtin {
  manifest: PluginManifest;
  load(): Promise<PluginModule>;
}
export type BuiltinTable = Readonly<Record<Slot, Readonly<Record<string, Builtin>>>>;

const only = (imported: Promise<{ default: unknown }>): Promise<PluginModule> =>
  imported.then((module) => module.default as PluginModule);

/** The only place that names plugins. Of agents whose programs are installed, `ao init` proposes the first. */
export const BUILTIN: BuiltinTable = {
  runtime: {
    tmux: { manifest: tmuxRuntime, load: () => only(import("@agent-orchestrator/runtime-tmux")) },
    process: { manifest: processRuntime, load: () => only(import("@agent-orchestrator/runtime-process")) },
    docker: { manifest: dockerRuntime, load: () => only(import("@agent-orchestrator/runtime-docker")) },
  },
  agent: {
    "claude-code": { manifest: claudeCodeAgent, load: () => only(import("@agent-orchestrator/agent-claude-code")) },
    codex: { manifest: codexAgent, load: () => only(import("@agent-orchestrator/agent-codex")) },
    opencode: { manifest: opencodeAgent, load: () => only(import("@agent-orchestrator/agent-opencode")) },
    aider: { manifest: aiderAgent, load: () => only(import("@agent-orchestrator/agent-aider")) },
    acp: { manifest: acpAgent, load: () => only(import("@agent-orchestrator/agent-acp")) },
    command: { manifest: commandAgent, load: () => only(import("@agent-orchestrator/agent-command")) },
  },
  workspace: {
    worktree: { manifest: worktreeWorkspace, load: () => only(import("@agent-orchestrator/workspace-worktree")) },
    clone: { manifest: cloneWorkspace, load: () => only(import("@agent-orchestrator/workspace-clone")) },
  },
  tracker: {
    github: { manifest: githubTracker, load: () => only(import("@agent-orchestrator/tracker-github")) },
    linear: { manifest: linearTracker, load: () => only(import("@agent-orchestrator/tracker-linear")) },
    local: { manifest: localTracker, load: () => only(import("@agent-orchestrator/tracker-local")) },
  },
  scm: {
    github: { manifest: githubScm, load: () => only(import("@agent-orchestrator/scm-github")) },
    local: { manifest: localScm, load: () => only(import("@agent-orchestrator/scm-local")) },
  },
  notifier: {
    desktop: { manifest: desktopNotifier, load: () => only(import("@agent-orchestrator/notifier-desktop")) },
    slack: { manifest: slackNotifier, load: () => only(import("@agent-orchestrator/notifier-slack")) },
    webhook: { manifest: webhookNotifier, load: () => only(import("@agent-orchestrator/notifier-webhook")) },
    command: { manifest: commandNotifier, load: () => only(import("@agent-orchestrator/notifier-command")) },
    composio: { manifest: composioNotifier, load: () => only(import("@agent-orchestrator/notifier-composio")) },
  },
  terminal: {
    web: { manifest: webTerminal, load: () => only(import("@agent-orchestrator/terminal-web")) },
    tmux: { manifest: tmuxTerminal, load: () => only(import("@agent-orchestrator/terminal-tmux")) },
    command: { manifest: commandTerminal, load: () => only(import("@agent-orchestrator/terminal-command")) },
  },
};

export const isBuiltin = (slot: Slot, name: string): boolean => Object.hasOwn(BUILTIN[slot], name);

/** Names that a config may contain but this release does not have. Only using one is an error. */
export const PLANNED: Readonly<Record<Slot, readonly string[]>> = {
  runtime: ["k8s"],
  agent: [],
  workspace: [],
  tracker: [],
  scm: [],
  notifier: [],
  terminal: ["iterm2", "kitty", "wezterm"],
};

/** What a project uses when no config says otherwise. */
export interface EmbeddedDefaults {
  runtime: string;
  /** Used if a program of that one is not installed. */
  fallbackRuntime: string;
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
  /** Trackers that move issues through their states as the work goes on, unless their option `states` says otherwise. */
  stagedTrackers: readonly string[];
}

export const EMBEDDED_DEFAULTS: EmbeddedDefaults = {
  runtime: "tmux",
  fallbackRuntime: "process",
  workspace: "worktree",
  terminal: "web",
  agent: "claude-code",
  agentWithCommand: "command",
  forge: "github",
  local: "local",
  notifiers: ["desktop"],
  stagedTrackers: ["linear"],
};

import type { Activity } from "../model/activity.ts";
import type { ProjectConfig } from "../model/project.ts";
import type { PRInfo } from "../model/pull-request.ts";
import type { SessionStatus } from "../model/status.ts";
import type { Iso } from "../model/time.ts";

/** Passed as the last argument of every slot method that waits. */
export interface CallOptions {
  signal?: AbortSignal;
}

/** Where and how a runtime runs one agent. Only JSON, because it is stored and passed back after a restart. */
export interface RuntimeHandle {
  id: string;
  runtimeName: string;
  data: Record<string, unknown>;
}

/** A session as plugins see it. A read-only copy. */
export interface Session {
  id: string;
  projectId: string;
  status: SessionStatus;
  activity: Activity | null;
  branch: string;
  issueId: string | null;
  pr: PRInfo | null;
  workspacePath: string | null;
  runtimeHandle: RuntimeHandle | null;
  agentName: string;
  agentSessionId: string | null;
  agentConfig: Record<string, unknown>;
  /** Private folder of this session for prompts, hooks and settings, outside the worktree. */
  sessionDir: string;
  createdAt: Iso;
  /** Counts the starts of the agent's program in this session. A handle of an older launch is stale. */
  launch: number;
  metadata: Readonly<Record<string, string>>;
}

export interface Clock {
  /** Wall time in milliseconds since the epoch, for display and file formats. */
  now(): number;
  /** Monotonic milliseconds, for durations. */
  monotonic(): number;
  /** Resolves after `ms`, rejects when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

/** What core gives a plugin in addition to its own options, as the second argument of `create`. */
export interface PluginContext {
  /** `$AO_HOME`. */
  home: string;
  /** A folder that only this plugin (of this project, if any) uses. It may not exist yet. Mode 0700. */
  stateDir: string;
  /** A folder short enough for unix sockets (see docs/formats.md), mode 0700. */
  socketDir: string;
  /** Where plugins' small helper programs are (`runner.js`, …), if not next to the plugin's own module. */
  programsDir?: string;
  /** Absent for runtimes, notifiers and terminals. */
  project?: ProjectConfig;
  clock: Clock;
  log: Log;
  /** A cleaned environment for programs that the plugin starts (git, the project's commands), without marks of agents, tmux or `AO_*`. */
  env(): Record<string, string>;
  /** Those of the manifest's `tokenVariables` that the user's environment has. Absent in some tests. */
  tokens?(): Record<string, string>;
  /**
   * A digest of this text that only the daemon can make (HMAC-SHA256, in hex), and a different one for each project and
   * plugin. A plugin that stores it with a record recognises a record that somebody else wrote. Absent in some tests.
   */
  seal?(text: string): string;
  /** Reports facts outside of any call. Wakes the engine for this session, or for all. */
  wake(sessionId?: string): void;
}

export type Slot = "runtime" | "agent" | "workspace" | "tracker" | "scm" | "notifier" | "terminal";

/** A program that a plugin drives or needs. */
export interface PluginProgram {
  /** As on PATH. */
  name: string;
  /** How an agent's program is started, for `agentConfig: {command: …}`, if the plugin does not know. */
  command?: readonly string[];
  /** `ao doctor` asks for its version, and warns if it is older. Absent: the plugin checks its program itself. */
  version?: { args: readonly string[]; least: readonly [number, number] };
  /** What to do if it is missing or too old. */
  hint?: string;
}

/** Only data, in a separate file (`manifest.ts`) in this repository: what must be known of a plugin without loading it. */
export interface PluginManifest {
  name: string;
  slot: Slot;
  description: string;
  version: string;
  /** `ao init` proposes an agent that has one of these on PATH, and the default runtime if it has all of them. */
  programs?: readonly PluginProgram[];
  /** Hosts of repositories that an scm and a tracker serve (`github.com`). `ao init` proposes them for a remote there. */
  hosts?: readonly string[];
  /**
   * Variables in which the user's environment may hold this plugin's token (`GITHUB_TOKEN`), which it gets by `context.tokens`. They
   * are kept from agents and CI, and their values are masked, wherever the plugin is used.
   */
  tokenVariables?: readonly string[];
  /**
   * Options that hold secrets, as paths: `token`, `headers.Authorization`; `*` is any one key. Variables that fill them in are
   * kept from agents and CI, and their values are masked wherever `ao` prints. Nothing else is taken for a secret.
   */
  secrets?: readonly string[];
}

/** A plugin module: `export default { manifest, create } satisfies PluginModule<Runtime>`. */
export interface PluginModule<T = unknown> {
  manifest: PluginManifest;
  create(config?: Record<string, unknown>, context?: PluginContext): T;
}

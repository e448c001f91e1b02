import type { Activity } from "../model/activity.ts";
import type { ProjectConfig } from "../model/project.ts";
import type { PRInfo } from "../model/pull-request.ts";
import type { SessionStatus } from "../model/status.ts";
import type { Iso } from "../model/time.ts";

/** Passed as the last argument of every slot method that waits. */
export interface CallOptions {
  signal?: AbortSignal;
}

/** Where and how a runtime runs one agent. JSON only: it is stored and handed back after a restart. */
export interface RuntimeHandle {
  id: string;
  runtimeName: string;
  data: Record<string, unknown>;
}

/** A session as plugins see it: a read-only copy. */
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
  /** Private folder of this session for prompts, hooks and settings; outside the worktree. */
  sessionDir: string;
  createdAt: Iso;
  /** Counts the starts of the agent's program in this session: a handle of an older launch is stale. */
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

/** What core gives a plugin beside its own options, as the second argument of `create`. */
export interface PluginContext {
  /** `$AO_HOME`. */
  home: string;
  /** A folder only this plugin (of this project, where there is one) uses; may not exist yet. Mode 0700. */
  stateDir: string;
  /** A folder short enough for unix sockets (see docs/formats.md), mode 0700. */
  socketDir: string;
  /** Where small helper programs of plugins are (`runner.js`, …), when not beside the plugin's own module. */
  programsDir?: string;
  /** Absent for runtimes, notifiers and terminals. */
  project?: ProjectConfig;
  clock: Clock;
  log: Log;
  /** A cleaned environment for programs the plugin starts (git, the project's commands): no marks of agents, tmux or `AO_*`. */
  env(): Record<string, string>;
  /** Facts from outside any call: wakes the engine for this session, or for all. */
  wake(sessionId?: string): void;
}

export type Slot = "runtime" | "agent" | "workspace" | "tracker" | "scm" | "notifier" | "terminal";

export interface PluginManifest {
  name: string;
  slot: Slot;
  description: string;
  version: string;
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

import type { Agent } from "./agent.ts";
import type { Runtime } from "./runtime.ts";
import type { SCM } from "./scm.ts";
import type { Tracker } from "./tracker.ts";
import type { Workspace } from "./workspace.ts";

/** The slots of one session. A plugin that is not available throws when it is used, not before. */
export interface SessionPlugins {
  runtime(): Promise<Runtime>;
  agent(): Promise<Agent>;
  workspace(): Promise<Workspace>;
  tracker(): Promise<Tracker>;
  scm(): Promise<SCM>;
}

/** Folders of one session in `$AO_HOME`. */
export interface SessionPaths {
  worktree: string;
  /** Private: prompts, environment, logs. */
  sessionDir: string;
  /** Where a removal keeps the work. */
  preserved: string;
}

import type { ToldFact } from "../model/fact.ts";
import type { ProjectConfig } from "../model/project.ts";
import type { SessionRecord } from "../model/session.ts";
import type { Agent } from "../slots/agent.ts";
import type { Clock, Log } from "../slots/common.ts";
import type { SessionPaths, SessionPlugins } from "../slots/session-plugins.ts";

/** What every action gets: the record as committed when it began, and what it works with. */
export interface ActCall {
  record: SessionRecord;
  project: ProjectConfig;
  plugins: SessionPlugins;
  paths: SessionPaths;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  /** Reports facts along the way, before the result. */
  tell(facts: ToldFact[]): void;
  /** What the project's own commands are doing, for whoever looks now. null: they have ended. Nothing depends on it. */
  showSetUp?(setUp: { command: string; lastLine: string | null } | null): void;
  /** The session's agent options with their variables filled in. They may contain secrets, and are never recorded. */
  agentConfig(): Record<string, unknown>;
  /** The agent that had this session before, with the session as it left it. Null if there was none. */
  formerAgent(): { record: SessionRecord; agent(): Promise<Agent> } | null;
  /** The environment of the session's programs. */
  environment(): Promise<Record<string, string>>;
}

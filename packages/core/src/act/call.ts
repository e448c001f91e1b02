import type { ToldFact } from "../model/fact.ts";
import type { ProjectConfig } from "../model/project.ts";
import type { SessionRecord } from "../model/session.ts";
import type { Agent } from "../slots/agent.ts";
import type { Clock, Log } from "../slots/common.ts";
import type { SessionPaths, SessionPlugins } from "../slots/session-plugins.ts";

/** What every action is given: the record as committed when it began, and the means. */
export interface ActCall {
  record: SessionRecord;
  project: ProjectConfig;
  plugins: SessionPlugins;
  paths: SessionPaths;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  /** Facts on the way, before the result. */
  tell(facts: ToldFact[]): void;
  /** The session's agent options with their variables filled in: may hold secrets, never recorded. */
  agentConfig(): Record<string, unknown>;
  /** The agent that had this session before, with the session as it left it; null: there was none. */
  formerAgent(): { record: SessionRecord; agent(): Promise<Agent> } | null;
  /** The environment of the session's programs. */
  environment(): Promise<Record<string, string>>;
}

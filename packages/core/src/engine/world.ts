import type { QueueLimits } from "../decide/queue.ts";
import type { ChannelId } from "../model/notice.ts";
import type { Policy } from "../model/policy.ts";
import type { ProjectConfig } from "../model/project.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import type { Clock, Log } from "../slots/common.ts";
import type { Notifier } from "../slots/notifier.ts";
import type { SessionPaths, SessionPlugins } from "../slots/session-plugins.ts";

/** Everything around the engine that it does not own: configs, plugins, folders, environments. */
export interface World {
  clock: Clock;
  log: Log;
  home: string;
  newId(): string;
  /** Null if its config is gone or was never valid, so nothing can be done for it now. */
  project(record: SessionRecord): ProjectConfig | null;
  /** As much of the project as its checkout's removal needs, where its config is gone. null: nothing is left of it. */
  remains?(record: SessionRecord): ProjectConfig | null;
  policy(record: SessionRecord, state: State): Policy;
  plugins(record: SessionRecord): SessionPlugins;
  paths(record: SessionRecord): SessionPaths;
  /** The session's agent options with their variables filled in. Throws CONFIG naming one that is not set. */
  agentConfig(record: SessionRecord): Record<string, unknown>;
  /** The environment a session's programs get, without the agent's own additions. */
  environment(record: SessionRecord): Promise<Record<string, string>>;
  limits(state: State): QueueLimits;
  /** Rejects with NOT_FOUND if no config has this channel any more. */
  channel(id: ChannelId): Promise<Notifier>;
  /** What a session's set-up is doing now (null: it has ended), for whoever looks. In no log. */
  setUps?: { show(sessionId: string, setUp: { command: string; lastLine: string | null } | null): void };
  /** Prints to every open `ao status --watch`. Returns how many there were. */
  ring(text: string): number;
}

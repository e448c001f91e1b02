/** What a scenario needs from an agent. If an agent lacks it, the scenario is skipped with the reason. */
export type Ability =
  | "edit"
  | "permission"
  | "question"
  | "interrupt"
  | "queue"
  | "restore"
  | "errors"
  | "limit"
  | "exit"
  | "hooks"
  | "draft"
  | "subagent"
  | "compaction"
  | "stream"
  | "stuck"
  | "messages";

export interface Stage {
  /** The user's home, which contains only what `seed` puts there. */
  home: string;
  repo: string;
  /** Folder of the agent's program. */
  bin: string;
  modelUrl: string;
  /** How often it may retry an error of the model, if that can be set. Default: the agent's own. */
  retries?: number;
}

/** A real agent in one version, and the state of its user's machine before `ao` is used. */
export interface AgentKind {
  name: string;
  /** Its name in the config of `ao`. */
  plugin: string;
  version: string;
  bin: string;
  /** Variables of the user's shell. */
  env(stage: Stage): Record<string, string>;
  /** Does what the user did before: logged in, trusted the folder, chose a provider. */
  seed(stage: Stage): void;
  /** Default tmux. */
  runtime?: "process";
  agentConfig: Record<string, unknown>;
  /** How a user leaves it: arguments of `tmux send-keys`, one list per call. */
  leave: string[][];
  lacks: Partial<Record<Ability, string>>;
}

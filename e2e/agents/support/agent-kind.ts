/** What a scenario asks of an agent; one that cannot do it says why, and the scenario is skipped visibly. */
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
  | "messages";

export interface Stage {
  /** The user's home, empty but for what `seed` puts there. */
  home: string;
  repo: string;
  /** Folder of the agent's program. */
  bin: string;
  modelUrl: string;
  /** How often its user lets it retry an error of the model, where that can be set. Default: its own. */
  retries?: number;
}

/** A real agent in one version, and the state in which its user's machine is before `ao` comes. */
export interface AgentKind {
  name: string;
  /** In the config of `ao`. */
  plugin: string;
  version: string;
  bin: string;
  /** Variables of the user's shell. */
  env(stage: Stage): Record<string, string>;
  /** What the user did before: logged in, said yes to the folder, chose a provider. */
  seed(stage: Stage): void;
  /** Default tmux. */
  runtime?: "process";
  agentConfig: Record<string, unknown>;
  /** How a user leaves it: words of `tmux send-keys`, one call each. */
  leave: string[][];
  lacks: Partial<Record<Ability, string>>;
}

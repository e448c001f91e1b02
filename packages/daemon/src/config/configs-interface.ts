import type { InstanceState } from "@agent-orchestrator/core/model/state";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { UserTokens } from "../environment/user-tokens.ts";
import type { InstanceConfig } from "./instance.ts";

type Env = Record<string, string>;

/** Why an edit is not in force, in one line, and what to do. */
export interface ConfigProblem {
  text: string;
  hint: string;
}

/** The configs this daemon knows, each as its file is now or as it last was valid. */
export interface Configs {
  /** Returns the caller's instance, as its file is now. Throws CONFIG if there is none or it is not valid. */
  forCaller(caller: Caller): Promise<InstanceConfig>;
  /** The same without remembering anything. */
  look(caller: Caller): Promise<InstanceConfig>;
  /** Returns what applies to running sessions: the last version that was valid and trusted, or else the last valid one. */
  get(instanceId: string): InstanceConfig | null;
  all(): InstanceConfig[];
  projectIds(): string[];
  /** How many agents may work at the same time on this machine, as the user's own config last said. */
  machineSessions(): number;
  /** Throws UNTRUSTED, with what would run in `details`. */
  requireTrusted(instanceId: string): void;
  /** Does the same for a config that is already loaded. */
  requireInForce(instance: InstanceConfig): void;
  trust(instance: InstanceConfig, pin: string): Promise<InstanceConfig>;
  /** The environment that fills an instance's variables in. */
  envOf(instanceId: string): Env;
  /** The environment of the last command about this instance. Null if there was none. */
  callerEnv(instanceId: string): Env | null;
  readonly tokens: Pick<UserTokens, "of">;
  /** The tokens that a command of the user has in its environment apply to the caller's instance from now on. */
  noteTokens(caller: Caller): void;
  redact(text: string, mark?: string): string;
  /** Masked from now on, the longest first, because one may be part of another. */
  keepSecret(values: readonly string[]): void;
  /** Edits that are not in force because they are broken or wait for trust. */
  problems(): ConfigProblem[];
  /** What is known of configs whose file is missing. */
  gone(): InstanceState[];
  /** A config that was moved: what is known of it, its sessions included, goes on at `path`. */
  adopt(id: string, path: string): Promise<InstanceConfig>;
  /** Lets go of all that is known of a config. */
  forget(id: string): Promise<void>;
  /** Reads what was known when the daemon last ran. */
  loadKnown(): Promise<void>;
  /** From now on, what has become stricter is recorded. */
  begin(): void;
  /** Stops watching the files. */
  close(): Promise<void>;
}

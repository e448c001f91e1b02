import type { CallHooks } from "@agent-orchestrator/core/protocol/client";
import type { MetaOf, ParamsOf, RequestName, Requests, ResultOf } from "@agent-orchestrator/daemon/requests";
import type { FollowHooks } from "./connect/follow.ts";
import type { Io } from "./output/io.ts";

export type CommandGroup = "begin" | "work" | "look" | "finish" | "set-up" | "agents";

/** What completes a word in a shell. */
export type Completion =
  | "session"
  | "project"
  | "agent"
  | "runtime"
  | "workspace"
  | "status"
  | "file"
  | readonly string[];

export interface OptionSpec {
  /** As in its help: `-m, --message <text>`. */
  flags: string;
  text: string;
  /** Can be given more than once. */
  isList?: boolean;
  complete?: Completion;
  /** Accepts only the words of `complete`. */
  isClosed?: boolean;
}

/** What a file of `commands` says of its command. Parsing, help, completions and docs are built from it. */
export interface CommandSpec {
  /** One or two words: `spawn`, `pr create`. The file's name is the same, with a dash. */
  name: string;
  group: CommandGroup;
  /** Smaller numbers come first in the group. They are tens, so that there is room in between. */
  position: number;
  summary: string;
  /** Other names of a one-word command: `ls`. */
  aliases?: readonly string[];
  /** As in its help: `<session>`, `[words...]`. */
  args?: string;
  /** Sentences after the summary. */
  details?: string;
  options?: readonly OptionSpec[];
  /** A command line and what it does. */
  examples: readonly (readonly [string, string])[];
  /** Completes the arguments. */
  complete?: Completion;
  /** Words after the first argument belong to another program. */
  isPassThrough?: boolean;
  /** Not shown in the overview. */
  isHidden?: boolean;
}

/** A row of the generated table. */
export interface CommandRow extends CommandSpec {
  load(): Promise<{ run: Run }>;
}

export interface Input {
  args: string[];
  text(name: string): string | undefined;
  flag(name: string): boolean;
  list(name: string): string[];
}

export interface Answer<N extends RequestName> {
  data: ResultOf<N>;
  meta: MetaOf<N>;
}

export interface Context {
  io: Io;
  isJson: boolean;
  /** `--yes` was given. */
  isYes: boolean;
  /** `--config`, or AO_CONFIG_PATH, absolute. */
  configPath: string | undefined;
  home: string;
  /** Asks the daemon, and starts it if needed. Throws an AoError when it refuses. */
  ask<N extends RequestName>(name: N, params: ParamsOf<N>, hooks?: CallHooks<Requests[N]>): Promise<Answer<N>>;
  /** A stream that survives a restart of the daemon. Ends with an error or by the signal. */
  follow<N extends RequestName>(name: N, params: () => ParamsOf<N>, hooks: FollowHooks<N>): Promise<never>;
  /** With `--json` the document, otherwise the text that `human` makes of it. */
  /** Text is folded to the width of a terminal. `verbatim` text (code, patches, scripts) is not. */
  show(data: unknown, human: () => string | { verbatim: string }, meta?: unknown): void;
  /** Runs `work` with a spinner on stderr if that is a terminal. */
  busy<T>(text: string, work: (tell: (text: string) => void) => Promise<T>): Promise<T>;
  /** Asks y/N on a terminal. True with `--yes`, null without a terminal. */
  confirm(question: string): Promise<boolean | null>;
}

/** Returns the exit status. Nothing means 0. */
export type Run = (input: Input, context: Context) => Promise<number | undefined>;

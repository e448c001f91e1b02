import type { CallHooks } from "@agent-orchestrator/core/protocol/client";
import type { MetaOf, ParamsOf, RequestName, ResultOf } from "@agent-orchestrator/core/protocol/requests";
import type { Io } from "./output/io.ts";

export type CommandGroup = "begin" | "work" | "look" | "finish" | "set-up" | "agents";

/** What shells can complete a word with. */
export type Completion = "session" | "project" | "agent" | "status" | "file" | readonly string[];

export interface OptionSpec {
  /** As written in its help: `-m, --message <text>`. */
  flags: string;
  text: string;
  /** May be given more than once. */
  isList?: boolean;
  complete?: Completion;
  /** Only the words of `complete` will do. */
  isClosed?: boolean;
}

/** One row of the command table. Commander's commands, and with them parsing, help, completions and docs, are built from it. */
export interface CommandSpec {
  /** One or two words: `spawn`, `pr create`. */
  name: string;
  group: CommandGroup;
  summary: string;
  /** Other names of a one-word command: `ls`. */
  aliases?: readonly string[];
  /** As written in its help: `<session>`, `[words...]`. */
  args?: string;
  /** Sentences below the usage line. */
  details?: string;
  options?: readonly OptionSpec[];
  /** Command line and what it does. */
  examples: readonly (readonly [string, string])[];
  /** Completes its arguments. */
  complete?: Completion;
  /** Words after the first argument belong to another program. */
  isPassThrough?: boolean;
  /** Not shown in the overview. */
  isHidden?: boolean;
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
  /** `--yes` was said. */
  isYes: boolean;
  /** `--config`, or AO_CONFIG_PATH, absolute. */
  configPath: string | undefined;
  home: string;
  /** Asks the daemon, started if need be. Throws an AoError for its refusal. */
  ask<N extends RequestName>(name: N, params: ParamsOf<N>, hooks?: CallHooks<N>): Promise<Answer<N>>;
  /** A stream that outlives its daemon. Ends by an error, or by the hooks' signal. */
  follow<N extends RequestName>(name: N, params: () => ParamsOf<N>, hooks: CallHooks<N>): Promise<never>;
  /** With `--json` the document, otherwise the text that `human` makes of it. */
  /** Text is folded to the width of a terminal; `verbatim` is what stays as it is: code, patches, scripts. */
  show(data: unknown, human: () => string | { verbatim: string }, meta?: unknown): void;
  /** Runs `work` with a spinner on stderr where that is a terminal. */
  busy<T>(text: string, work: (tell: (text: string) => void) => Promise<T>): Promise<T>;
  /** Asks y/N on a TTY; true with `--yes`; null where nobody can be asked. */
  confirm(question: string): Promise<boolean | null>;
}

/** Answers its exit status; nothing is 0. */
export type Run = (input: Input, context: Context) => Promise<number | undefined>;

import { AoError } from "@agent-orchestrator/core/model/errors";
import { Command, CommanderError, Option } from "commander";
import type { CommandSpec, Input, OptionSpec } from "../command.ts";

export interface GlobalFlags {
  isJson: boolean;
  isYes: boolean;
  config: string | undefined;
}

export interface Parsed {
  isHelp: boolean;
  input: Input;
  global: GlobalFlags;
}

export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: "--json", text: "one JSON document on stdout instead of text" },
  { flags: "-y, --yes", text: "do not ask before what cannot be undone" },
  { flags: "--config <file>", text: "the config to use", complete: "file" },
  { flags: "-h, --help", text: "show this" },
];

type Values = Record<string, unknown>;

/** The words of one command, by its row of the table. Throws USAGE with what is wrong with them. */
export function parse(spec: CommandSpec, words: readonly string[]): Parsed {
  const command = new Command(spec.name)
    .helpOption(false)
    .exitOverride()
    .configureOutput({
      writeErr: () => undefined,
      writeOut: () => undefined,
    });
  if (spec.args !== undefined) command.arguments(spec.args);
  if (spec.isPassThrough === true) command.passThroughOptions();
  for (const option of [...(spec.options ?? []), ...GLOBAL_OPTIONS]) command.addOption(toOption(option));
  const isHelp = asksForHelp(spec, words);
  if (!isHelp) parseWords(command, { spec, words });
  const values: Values = command.opts();
  return {
    isHelp,
    input: toInput(command, values),
    global: {
      isJson: values.json === true,
      isYes: values.yes === true,
      config: typeof values.config === "string" ? values.config : undefined,
    },
  };
}

/** Help wins over missing arguments; behind `--` and in another program's words it is only a word. */
function asksForHelp(spec: CommandSpec, words: readonly string[]): boolean {
  const end = words.findIndex((word) => word === "--" || (spec.isPassThrough === true && !word.startsWith("-")));
  const own = end === -1 ? words : words.slice(0, end);
  return own.includes("-h") || own.includes("--help");
}

function parseWords(command: Command, { spec, words }: { spec: CommandSpec; words: readonly string[] }): void {
  try {
    command.parse([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const [first = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
    const near = /Did you mean (.+)\?/.exec(rest.join(" "))?.[1];
    const hint = near === undefined ? `\`ao ${spec.name} --help\` shows how it is used.` : `Did you mean ${near}?`;
    throw new AoError("USAGE", first, { hint });
  }
}

function toOption({ flags, text, isList, isClosed, complete }: OptionSpec): Option {
  const option = new Option(flags, text);
  if (isList === true) option.argParser((value: string, before: unknown) => [...((before as string[]) ?? []), value]);
  else if (isClosed === true && Array.isArray(complete)) option.choices(complete as string[]);
  return option;
}

function toInput(command: Command, values: Values): Input {
  const asked = (name: string): unknown => values[camel(name)];
  return {
    args: [...command.args],
    text: (name) => {
      const value = asked(name);
      return typeof value === "string" ? value : undefined;
    },
    flag: (name) => asked(name) === true,
    list: (name) => {
      const value = asked(name);
      return Array.isArray(value) ? (value as string[]) : [];
    },
  };
}

/** Commander names values in camel case; its `--no-wait` is `wait: false`. */
function camel(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

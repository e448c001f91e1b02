import { parseArgs } from "node:util";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CommandSpec, Input, OptionSpec } from "../command.ts";
import { GLOBAL_OPTIONS } from "./global-options.ts";
import { suggest } from "./suggest.ts";

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

interface Shape {
  spec: OptionSpec;
  /** `no-wait` for `--no-wait`. */
  name: string;
  short: string | undefined;
  takesValue: boolean;
}

type Values = Map<string, (string | true)[]>;

/** The words of one command, by its row of the table. Throws USAGE with what is wrong with them. */
export function parse(command: CommandSpec, words: readonly string[]): Parsed {
  const shapes = [...(command.options ?? []), ...GLOBAL_OPTIONS].map(shapeOf);
  const isHelp = asksForHelp(command, words);
  const { values, args } = isHelp ? { values: new Map(), args: [] } : read(command, { shapes, words });
  if (!isHelp) checkCount(command, args);
  const last = (name: string) => values.get(name)?.at(-1);
  const text = (name: string) => {
    const value = last(name);
    return typeof value === "string" ? value : undefined;
  };
  return {
    isHelp,
    input: {
      args,
      text,
      // `--no-wait` is the only way to say that `wait` is not true.
      flag: (name) =>
        shapes.some((shape) => shape.name === `no-${name}`) ? last(`no-${name}`) !== true : last(name) === true,
      list: (name) => (values.get(name) ?? []).filter((value: string | true) => typeof value === "string") as string[],
    },
    global: { isJson: last("json") === true, isYes: last("yes") === true, config: text("config") },
  };
}

function shapeOf(spec: OptionSpec): Shape {
  const long = /--([a-z-]+)/.exec(spec.flags)?.[1] ?? "";
  const short = /^-([a-z]),/i.exec(spec.flags)?.[1];
  return { spec, name: long, short, takesValue: spec.flags.includes("<") };
}

/** Help wins over missing arguments; behind `--` and in another program's words it is only a word. */
function asksForHelp(command: CommandSpec, words: readonly string[]): boolean {
  const end = words.findIndex((word) => word === "--" || (command.isPassThrough === true && !word.startsWith("-")));
  const own = end === -1 ? words : words.slice(0, end);
  return own.includes("-h") || own.includes("--help");
}

/** `exec app-1 ls -la`: from the second argument on the words are not ours. */
function ownWords(command: CommandSpec, words: readonly string[]): [string[], string[]] {
  const end = command.isPassThrough === true ? words.findIndex((word) => !word.startsWith("-")) : -1;
  return end === -1 ? [[...words], []] : [words.slice(0, end + 1), words.slice(end + 1)];
}

function read(command: CommandSpec, { shapes, words }: { shapes: Shape[]; words: readonly string[] }) {
  const [own, rest] = ownWords(command, words);
  const options = Object.fromEntries(
    shapes.map(({ name, short, takesValue }) => [
      name,
      {
        type: takesValue ? ("string" as const) : ("boolean" as const),
        multiple: true,
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  const { tokens } = parseArgs({ args: own, options, strict: false, allowPositionals: true, tokens: true });
  const values: Values = new Map();
  const args: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") args.push(token.value);
    if (token.kind !== "option") continue;
    const value = valueIn(command, { shapes, token });
    values.set(token.name, [...(values.get(token.name) ?? []), value]);
  }
  return { values, args: [...args, ...rest] };
}

interface Token {
  name: string;
  rawName: string;
  value?: string | undefined;
  inlineValue?: boolean | undefined;
}

function valueIn(command: CommandSpec, { shapes, token }: { shapes: Shape[]; token: Token }): string | true {
  const { rawName, value } = token;
  const shape = shapes.find(({ name }) => name === token.name);
  if (shape === undefined) throw unknownOption(command, { shapes, rawName });
  if (!shape.takesValue) {
    if (value !== undefined) throw usage(command, `option '${rawName}' takes no value`);
    return true;
  }
  if (value === undefined) throw usage(command, `option '${shape.spec.flags}' needs a value`);
  const { isClosed, complete } = shape.spec;
  if (isClosed === true && Array.isArray(complete) && !complete.includes(value)) {
    throw usage(command, `${rawName} is one of ${complete.join(", ")}, not ${JSON.stringify(value)}`);
  }
  return value;
}

const usage = (command: CommandSpec, message: string): AoError =>
  new AoError("USAGE", message, { hint: `\`ao ${command.name} --help\` shows how it is used.` });

function unknownOption(command: CommandSpec, { shapes, rawName }: { shapes: Shape[]; rawName: string }): AoError {
  const near = rawName.startsWith("--")
    ? suggest(
        rawName.slice(2),
        shapes.map(({ name }) => name),
      )
    : null;
  const message = `unknown option '${rawName}'`;
  return near === null ? usage(command, message) : new AoError("USAGE", message, { hint: `Did you mean --${near}?` });
}

/** `<session>` must be there, `[project]` may, `…...` takes all that follow. */
function checkCount(command: CommandSpec, args: readonly string[]): void {
  const wanted = (command.args ?? "").split(" ").filter((word) => word !== "");
  const missing = wanted.find((word, at) => word.startsWith("<") && args[at] === undefined);
  if (missing !== undefined) throw usage(command, `missing argument ${missing.replace(/[<>.]/g, "")}`);
  const isOpen = wanted.at(-1)?.includes("...") === true;
  const extra = args[wanted.length];
  if (!isOpen && extra !== undefined) throw usage(command, `one word too many: ${JSON.stringify(extra)}`);
}

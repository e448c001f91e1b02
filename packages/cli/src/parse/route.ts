import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CommandSpec } from "../command.ts";
import { suggest } from "./suggest.ts";

export type Routed =
  | { kind: "version" }
  | { kind: "overview"; topic?: string }
  | { kind: "help"; command: CommandSpec }
  | { kind: "command"; command: CommandSpec; words: string[] };

/** Options every command has; they may also stand before it. */
const GLOBAL_FLAGS = new Set(["--json", "--yes", "-y"]);

/** Finds the command that a command line names. Its own words are parsed later, when it alone is loaded. */
export function route(argv: readonly string[], commands: readonly CommandSpec[]): Routed {
  const before: string[] = [];
  let at = 0;
  for (; at < argv.length; at += 1) {
    const word = argv[at] as string;
    if (!word.startsWith("-")) break;
    if (word === "--version" || word === "-V") return { kind: "version" };
    if (word === "--help" || word === "-h") return { kind: "overview" };
    if (GLOBAL_FLAGS.has(word) || word.startsWith("--config=")) before.push(word);
    else if (word === "--config" && argv[at + 1] !== undefined) before.push(word, argv[++at] as string);
    else throw new AoError("USAGE", `unknown option ${word}`, { hint: "`ao help` lists the commands." });
  }
  const rest = argv.slice(at);
  const [first, second] = rest;
  if (first === undefined) return { kind: "overview" };
  if (first === "help")
    return { kind: "overview", ...(second === undefined ? {} : { topic: rest.slice(1).join(" ") }) };
  const two = commands.find((command) => command.name === `${first} ${second}`);
  if (two !== undefined) return { kind: "command", command: two, words: [...before, ...rest.slice(2)] };
  const one = commands.find((command) => command.name === first);
  if (one !== undefined) return { kind: "command", command: one, words: [...before, ...rest.slice(1)] };
  return unknown(rest, commands);
}

function unknown(rest: readonly string[], commands: readonly CommandSpec[]): Routed {
  const [first = "", second] = rest;
  const family = commands.filter((command) => command.name.startsWith(`${first} `));
  if (family.length > 0) {
    const [head] = family;
    if (second === "--help" || second === "-h") return { kind: "overview", topic: first };
    if (second === undefined && family.length === 1 && head !== undefined) return { kind: "help", command: head };
    const names = family.map((command) => `ao ${command.name}`).join(", ");
    const what = second === undefined ? `\`ao ${first}\` needs a second word` : `no such command: ${first} ${second}`;
    throw new AoError("USAGE", what, { hint: `There is ${names}.` });
  }
  const near = suggest(first, [...new Set(commands.map((command) => command.name.split(" ")[0] as string))]);
  const hint = near === null ? "`ao help` lists the commands." : `Did you mean \`ao ${near}\`?`;
  throw new AoError("USAGE", `no such command: ${first}`, { hint });
}

import { isAbsolute, relative, resolve } from "node:path";
import { GIT_OPTIONS, isPlainRefspec, TAKES_REFSPECS } from "./git-options.ts";
import { type KnownOptions, readOption } from "./options.ts";
import { NAMES_WHAT_RUNS, optionsOf, RUNS_ITS_WORDS } from "./program-options.ts";
import { commandsOf, lineOfShell } from "./shell-line.ts";

export interface CommandPolicy {
  /** Beginnings of commands, such as `pnpm test`. One that ends in ` *` allows any words after it. */
  allow: readonly string[];
  /** The checkout. Paths outside it are asked about; without it, every absolute path is. */
  cwd?: string;
}

interface Entry {
  words: readonly string[];
  /** It ends in ` *`. */
  isOpen: boolean;
}

/**
 * Whether this command line may run without a question: every command in it is one that `allow` names, and its further words are known to
 * do nothing but what the name says. Whatever isn't known is refused, so "no" means "ask", never "forbidden". Pure.
 */
export function mayRunUnasked(line: string, policy: CommandPolicy): boolean {
  const commands = commandsOf(line);
  if (commands === null) return false;
  const [only] = commands;
  const inner = commands.length === 1 && only !== undefined ? lineOfShell(only) : null;
  if (inner !== null) return mayRunUnasked(inner, policy);
  const entries = policy.allow.flatMap(entryOf);
  return commands.every((words) => entries.some((entry) => isCovered(words, entry, policy)));
}

function entryOf(text: string): Entry[] {
  const isOpen = /\s\*\s*$/.test(text);
  const commands = commandsOf(isOpen ? text.replace(/\s\*\s*$/, "") : text);
  const [words] = commands ?? [];
  return words === undefined || commands?.length !== 1 ? [] : [{ words, isOpen }];
}

function isCovered(words: readonly string[], entry: Entry, policy: CommandPolicy): boolean {
  if (!entry.words.every((word, at) => words[at] === word)) return false;
  const rest = words.slice(entry.words.length);
  if (rest.length === 0 || entry.isOpen) return true;
  const [program = "", ...named] = entry.words;
  if (program === "git") return isKnownGit(named, rest, policy);
  if (RUNS_ITS_WORDS.has(program) && !(NAMES_WHAT_RUNS.has(program) && isNamed(named))) return false;
  return areKnown(rest, optionsOf(program, named), { policy, isPlain: (word) => isPlainWord(word, policy) });
}

/** `npm test`, `node scripts/check.mjs`, `python -m pytest`: the entry says what runs. */
function isNamed(named: readonly string[]): boolean {
  const [first = "", second = ""] = named;
  if (first === "-m") return second !== "" && !second.startsWith("-");
  return first !== "" && !first.startsWith("-") && (!["run", "exec", "dlx", "x"].includes(first) || second !== "");
}

function isKnownGit(named: readonly string[], rest: readonly string[], policy: CommandPolicy): boolean {
  const [subcommand = ""] = named;
  const known = Object.hasOwn(GIT_OPTIONS, subcommand) ? GIT_OPTIONS[subcommand] : undefined;
  if (known === undefined) return false;
  const isPlain = (word: string): boolean =>
    !word.includes("::") && isPlainWord(word, policy) && (!TAKES_REFSPECS.has(subcommand) || isPlainRefspec(word));
  const end = rest.indexOf("--");
  const options = end === -1 ? rest : rest.slice(0, end);
  return areKnown(options, known, { policy, isPlain }) && rest.slice(options.length + 1).every(isPlain);
}

function areKnown(
  words: readonly string[],
  known: KnownOptions,
  { policy, isPlain }: { policy: CommandPolicy; isPlain: (word: string) => boolean },
): boolean {
  for (let at = 0; at < words.length; ) {
    const word = words[at] as string;
    if (/^-./.test(word)) {
      const used = readOption(words.slice(at), known) ?? countOption(word);
      if (used === null || (used.path !== undefined && !isPlainWord(used.path, policy))) return false;
      at += used.taken;
    } else if (isPlain(word)) at += 1;
    else return false;
  }
  return true;
}

/** `git log -5`, `head -20`. */
const countOption = (word: string): { taken: number; path?: string } | null =>
  /^-\d{1,6}$/.test(word) ? { taken: 1 } : null;

/** A name, a revision, or a path inside the checkout: no URL, no `NAME=value`, no way out. */
function isPlainWord(word: string, { cwd }: CommandPolicy): boolean {
  if (word === "" || /[\n\r\0]/.test(word)) return word === "";
  if (/^[\w.-]+\+?=/.test(word) || /^[a-z][\w+.-]*:\/\//i.test(word) || /^[\w.-]+@[\w.-]+:/.test(word)) return false;
  if (word.startsWith("~") || word.startsWith("@/") || word.startsWith("!")) return false;
  if (!isAbsolute(word)) return !word.split("/").includes("..");
  if (cwd === undefined) return false;
  const inner = relative(cwd, resolve(word));
  return inner === "" || (inner !== ".." && !inner.startsWith("../") && !isAbsolute(inner));
}

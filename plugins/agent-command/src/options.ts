import { optionsParser } from "@agent-orchestrator/agent-kit/options";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";

const Words = z.union([z.string(), z.array(z.string())]);

/** `agentConfig` of this plugin. The keys that every agent has (permissions, allow, model, env, resumeAfterLimit) are allowed and unused. */
export const CommandOptions = z.strictObject({
  /** The program: a list of words, or a line that is split into words without a shell. */
  command: Words.optional(),
  /** More arguments, after those of `command`. `{prompt}` and `{promptFile}` are replaced in all of them. */
  args: z.array(z.string()).default([]),
  /** `per-turn`: exit 0 ends a turn, and a message starts `resume`. */
  lifetime: z.enum(["interactive", "per-turn"]).default("interactive"),
  /** `inline`: the launch has the prompt. `post-launch`: it is typed once the program is ready. */
  promptDelivery: z.enum(["inline", "post-launch"]).default("inline"),
  /** The whole command that continues the conversation. `{message}` and `{messageFile}` are replaced. */
  resume: Words.optional(),
  /** After this long without output and commits, the agent counts as ready. */
  quietMs: z.number().int().min(100).max(3_600_000).default(3_000),
  paste: z.enum(["bracketed", "line", "file"]).optional(),
  permissions: z.string().optional(),
  allow: z.array(z.string()).optional(),
  model: z.string().optional(),
  /** Core adds them to its environment. */
  env: z.record(z.string(), z.string()).optional(),
  resumeAfterLimit: z.boolean().optional(),
});

export interface Options {
  /** Null if no command was configured. */
  command: string[] | null;
  resume: string[] | null;
  lifetime: "interactive" | "per-turn";
  promptDelivery: "inline" | "post-launch";
  quietMs: number;
  paste: "bracketed" | "line" | "file" | null;
}

const EXAMPLE = "For example: `agentConfig: {command: my-agent, args: [--task, '{promptFile}']}`.";
const parse = optionsParser("command", CommandOptions, EXAMPLE);

/** Throws CONFIG with every problem at once. */
export function parseOptions(config: Record<string, unknown>): Options {
  const { command, args, resume, paste, lifetime, promptDelivery, quietMs } = parse(config);
  const base = command === undefined ? null : toWords(command, "command");
  const options: Options = {
    command: base === null ? null : [...base, ...args],
    resume: resume === undefined ? null : toWords(resume, "resume"),
    lifetime,
    promptDelivery,
    quietMs,
    paste: paste ?? null,
  };
  if (promptDelivery === "post-launch" && options.command?.some((word) => word.includes("{prompt}"))) {
    throw new AoError(
      "CONFIG",
      "agentConfig: `promptDelivery: post-launch` types the prompt, and {prompt} passes it too",
      {
        hint: "Remove one of the two.",
      },
    );
  }
  return options;
}

function toWords(value: string | string[], key: string): string[] {
  const words = typeof value === "string" ? splitWords(value) : value;
  if ((words[0] ?? "").trim() === "") throw new AoError("CONFIG", `agentConfig: ${key} is empty`, { hint: EXAMPLE });
  if (words.some((word) => word.includes("\0"))) throw new AoError("CONFIG", `agentConfig: ${key} has a NUL character`);
  return words;
}

/** Shell syntax, which we refuse rather than take for plain text. */
const SHELL_SIGNS = new Set(["$", "`", "|", ";", "&", "<", ">", "(", ")"]);

/**
 * Splits a command line into words as a POSIX shell would, without a shell: blanks separate, quotes and backslashes hold
 * together, nothing is expanded. Signs that only a shell understands are an error unless they are quoted.
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote: '"' | "'" | null = null;
  const chars = [...line];
  for (let index = 0; index < chars.length; index++) {
    const char = chars[index] ?? "";
    if (quote === null && /\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (quote === null && (char === '"' || char === "'")) {
      quote = char;
      word ??= "";
    } else if (char === quote) {
      quote = null;
    } else if (char === "\\" && quote !== "'" && chars[index + 1] !== undefined) {
      index += 1;
      word = (word ?? "") + unescaped(chars[index] ?? "", quote);
    } else {
      if (quote !== "'" && isShellSign(char, quote)) throw needsShell(line, char);
      word = (word ?? "") + char;
    }
  }
  if (quote !== null) throw new AoError("CONFIG", `a quote (${quote}) is not closed in the command: ${line}`);
  return word === null ? words : [...words, word];
}

/** Inside double quotes a backslash is an escape only before these. */
function unescaped(char: string, quote: '"' | null): string {
  return quote === null || char === '"' || char === "\\" || char === "$" || char === "`" ? char : `\\${char}`;
}

function isShellSign(char: string, quote: '"' | null): boolean {
  return quote === null ? SHELL_SIGNS.has(char) : char === "$" || char === "`";
}

function needsShell(line: string, sign: string): AoError {
  return new AoError("CONFIG", `the agent's command has a ${sign} that only a shell understands: ${line}`, {
    hint: 'Commands run without a shell. Quote the sign, or write `command: sh` and `args: ["-c", "…"]`.',
  });
}

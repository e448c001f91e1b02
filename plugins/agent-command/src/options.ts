import { optionsParser } from "@agent-orchestrator/agent-kit/options";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";
import { splitWords } from "./words.ts";

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

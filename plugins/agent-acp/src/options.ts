import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";

const Word = z.string().refine((word) => !word.includes("\0"), "has a NUL character");

/** `agentConfig` of this plugin. */
export const AcpOptions = z.strictObject({
  /** The program that speaks ACP: its name, or the name with arguments. A name is looked up on the session's PATH. */
  command: z.union([Word.min(1), z.array(Word).min(1)]).optional(),
  /** More arguments, after those of `command`. */
  args: z.array(Word).default([]),
  /** More variables for the program. */
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), Word).default({}),
  permissions: z.enum(["default", "edits", "auto", "skip"]).default("edits"),
  /** Beginnings of commands that may run without a question, in addition to those that every agent may run. */
  allow: z.array(z.string().min(1)).default([]),
  /** One of the models that the agent offers. */
  model: z.string().min(1).optional(),
  /** One of the modes that the agent offers (`plan`, `code`, …). */
  mode: z.string().min(1).optional(),
  /** The id of the agent's login method that may be used without a question. */
  auth: z.string().min(1).optional(),
  resumeAfterLimit: z.boolean().optional(),
});
export type AcpOptions = z.infer<typeof AcpOptions>;

const EXAMPLE = "For example: `agentConfig: {command: opencode, args: [acp]}`.";

/** Throws CONFIG with every problem at once. */
export function parseOptions(config: Record<string, unknown>): AcpOptions {
  const parsed = AcpOptions.safeParse(config);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) =>
    issue.code === "unrecognized_keys"
      ? `unknown ${issue.keys.map((key) => `\`${key}\``).join(", ")}`
      : `${issue.path.join(".")}: ${issue.message}`,
  );
  throw new AoError("CONFIG", `agentConfig of the agent \`acp\`: ${problems.join("; ")}`, {
    hint: `The keys are ${Object.keys(AcpOptions.shape).join(", ")}. ${EXAMPLE}`,
  });
}

/** The program and its arguments. Throws CONFIG if the config names none. */
export function commandOf({ command, args }: AcpOptions): string[] {
  if (command === undefined) {
    throw new AoError("CONFIG", "the agent `acp` has no command to run", { hint: EXAMPLE });
  }
  const words = typeof command === "string" ? plainWords(command) : command;
  if ((words[0] ?? "").trim() === "") throw new AoError("CONFIG", "agentConfig: command is empty", { hint: EXAMPLE });
  return [...words, ...args];
}

/** It is not run by a shell. Blanks separate, and shell syntax is refused. */
function plainWords(line: string): string[] {
  if (/["'\\`$|;&<>()]/.test(line)) {
    throw new AoError("CONFIG", `the agent's command has signs that only a shell understands: ${line}`, {
      hint: "Write it as a list: `command: [my agent, --flag]`.",
    });
  }
  return line.trim().split(/\s+/);
}

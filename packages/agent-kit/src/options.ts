import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";

/** Without a NUL, which no argument and no variable can hold. */
export const Text = z.string().refine((text) => !text.includes("\0"), "has a NUL character");
/** A `Text` with more in it than white space. */
export const Line = Text.refine((text) => text.trim() !== "", "is empty");

/** The keys of `agentConfig` that every agent has. A plugin adds `command`, and whatever is its own. */
export const sharedOptions = {
  permissions: z.enum(["default", "edits", "auto", "skip"]).default("edits"),
  /** Beginnings of commands that run without a question. */
  allow: z.array(Line).default([]),
  model: Line.optional(),
  /** More arguments for the program. */
  args: z.array(Text).default([]),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is not the name of a variable"), Text).default({}),
  /** Read by core: continue by itself once a usage limit of the vendor ends. */
  resumeAfterLimit: z.boolean().optional(),
};

/** A list of words with a rule of its own, which returns what is wrong with them. */
export const wordsWith = (problems: (words: readonly string[]) => string[]) =>
  z.array(Text).superRefine((words, context) => {
    for (const message of problems(words)) context.addIssue({ code: "custom", message });
  });

/**
 * Parses `agentConfig` of this agent. The parser throws CONFIG with every problem at once, and the keys as a hint. `example` follows them.
 */
export function optionsParser<S extends z.ZodObject>(
  agent: string,
  schema: S,
  example?: string,
): (config: Record<string, unknown>) => z.output<S> {
  return (config) => {
    const parsed = schema.safeParse(config);
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map((issue) =>
      issue.code === "unrecognized_keys"
        ? `unknown ${issue.keys.map((key) => `\`${key}\``).join(", ")}`
        : `${issue.path.join(".")}: ${issue.message}`,
    );
    const keys = `The keys are ${Object.keys(schema.shape).join(", ")}.`;
    throw new AoError("CONFIG", `agentConfig of the agent \`${agent}\`: ${problems.join("; ")}`, {
      hint: example === undefined ? keys : `${keys} ${example}`,
    });
  };
}

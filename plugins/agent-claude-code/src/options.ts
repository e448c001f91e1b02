import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PermissionMode } from "@agent-orchestrator/plugin-kit/permissions";
import { z } from "zod";
import { ownWordsIn } from "./own-words.ts";

/** The keys of `agentConfig` that every agent has. */
export const ClaudeOptions = z.strictObject({
  permissions: z.enum(["default", "edits", "auto", "skip"]).default("edits"),
  /** Beginnings of commands that run without a question, or Claude's own rules (`WebFetch(domain:…)`, `mcp__…`). */
  allow: z.array(z.string().min(1)).default([]),
  model: z.string().min(1).optional(),
  /** More arguments for the program. */
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
  /** The program, and arguments before all others. */
  command: z.union([z.string().min(1), z.array(z.string()).min(1)]).default("claude"),
  /** Read by core. */
  resumeAfterLimit: z.boolean().optional(),
});

export interface Options {
  permissions: PermissionMode;
  allow: string[];
  model: string | null;
  args: string[];
  env: Record<string, string>;
  /** The program and arguments before all others. */
  command: [string, ...string[]];
}

/** Throws CONFIG with every problem at once. */
export function parseOptions(config: Record<string, unknown>): Options {
  const parsed = ClaudeOptions.safeParse(config);
  const given = Given.parse(config);
  const problems = [...(parsed.success ? [] : problemsOf(parsed.error)), ...ownWordsIn(given)];
  if (!parsed.success || problems.length > 0) throw invalid(problems);
  const { permissions, allow, model, args, env, command } = parsed.data;
  const [program = "claude", ...before] = typeof command === "string" ? [command] : command;
  return { permissions, allow, model: model ?? null, args, env, command: [program, ...before] };
}

/** As far as it is readable, to report further problems at the same time. */
const Given = z.object({ args: z.array(z.string()).catch([]), command: z.array(z.string()).catch([]) });

function problemsOf(error: z.ZodError): string[] {
  return error.issues.map((issue) => {
    if (issue.code === "unrecognized_keys") return `unknown ${issue.keys.map((key) => `\`${key}\``).join(", ")}`;
    return `${issue.path.join(".")}: ${issue.message}`;
  });
}

function invalid(problems: string[]): AoError {
  return new AoError("CONFIG", `agentConfig of the agent \`claude-code\`: ${problems.join("; ")}`, {
    hint: `The keys are ${Object.keys(ClaudeOptions.shape).join(", ")}.`,
  });
}

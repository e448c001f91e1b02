import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";

/** `agentConfig` of this plugin. */
export const AiderOptions = z.strictObject({
  permissions: z.enum(["default", "edits", "auto", "skip"]).default("edits"),
  /** Beginnings of command lines that may run without a question, in the mode `edits`. */
  allow: z.array(z.string()).default([]),
  model: z.string().min(1).optional(),
  /** More words for aider, after ours: where both name an option, aider takes the later one. */
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
  /** The program: a name on the session's PATH, or a path. */
  command: z.string().min(1).default("aider"),
  resumeAfterLimit: z.boolean().default(false),
});
export type AiderOptions = z.infer<typeof AiderOptions>;

/** Options of aider that would take away what a managed session stands on. */
const NOT_FOR_ARGS: Readonly<Record<string, string>> = {
  "--message": "it ends aider after one turn",
  "--msg": "it ends aider after one turn",
  "-m": "it ends aider after one turn",
  "--message-file": "it ends aider after one turn",
  "-f": "it ends aider after one turn",
  "--exit": "it ends aider at once",
  "--gui": "it opens a browser instead of a terminal",
  "--browser": "it opens a browser instead of a terminal",
  "--chat-history-file": "ao reads that file to see what aider does",
  "--input-history-file": "ao reads that file to see what aider was told",
  "--notifications-command": "ao hears by it that aider waits",
  "--no-notifications": "ao hears by them that aider waits",
  "--no-fancy-input": "messages of several lines need it",
  "--multiline": "Enter would no longer send a message",
  "--yes-always": "say it with `permissions: auto` or `skip`",
};

/** Throws CONFIG with every problem at once. */
export function parseOptions(config: Record<string, unknown>): AiderOptions {
  const parsed = AiderOptions.safeParse(config);
  const problems = parsed.success ? argProblems(parsed.data.args) : parsed.error.issues.map(worded);
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new AoError("CONFIG", `agentConfig of the agent \`aider\`: ${problems.join("; ")}`, {
    hint: `The keys are ${Object.keys(AiderOptions.shape).join(", ")}.`,
  });
}

function worded(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") return `unknown ${issue.keys.map((key) => `\`${key}\``).join(", ")}`;
  return `${issue.path.join(".")}: ${issue.message}`;
}

function argProblems(args: readonly string[]): string[] {
  return args.flatMap((word) => {
    if (word.includes("\0")) return ["args: a NUL character"];
    const why = NOT_FOR_ARGS[word.split("=")[0] ?? ""];
    return why === undefined ? [] : [`args: ${word} is not possible here: ${why}`];
  });
}

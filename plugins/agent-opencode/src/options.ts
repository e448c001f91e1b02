import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";

const Text = z.string().refine((text) => !text.includes("\0"), "has a NUL character");
const Line = Text.refine((text) => text.trim() !== "", "is empty");

/** Arguments that would override what the plugin depends on: the port, the password, the conversation. */
const OURS = /^(--port|--hostname|--mdns|--mini|--session|--continue|--fork|--prompt|-s|-c)(=|$)/;
/** With these, OpenCode would run in another mode than `ao` shows. */
const PERMISSION_WORDS = /^(--auto|--yolo|--dangerously-skip-permissions)(=|$)/;

function contradiction(word: string): string[] {
  if (PERMISSION_WORDS.test(word))
    return [`${word} is what \`permissions\` says: set that (\`skip\` for no questions)`];
  return OURS.test(word) ? [`${word} is set by ao`] : [];
}

/** The keys of `agentConfig` that every agent has. */
export const OpenCodeOptions = z.strictObject({
  permissions: z.enum(["default", "edits", "auto", "skip"]).default("edits"),
  /** Beginnings of commands that run without a question. */
  allow: z.array(Line).default([]),
  /** `provider/model`. */
  model: Line.regex(/^[^/\s]+\/\S+$/, "is not `provider/model`").optional(),
  /** More arguments for the program. */
  args: z
    .array(Text)
    .superRefine((args, context) => {
      for (const message of args.flatMap(contradiction)) context.addIssue({ code: "custom", message });
    })
    .default([]),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is no name of a variable"), Text).default({}),
  /** The program: a name on PATH, or a path. */
  command: Line.default("opencode"),
  /** Read by core: continue by itself once a usage limit of the vendor ends. */
  resumeAfterLimit: z.boolean().optional(),
});
export type OpenCodeOptions = z.infer<typeof OpenCodeOptions>;

/** Throws CONFIG with every problem at once. */
export function parseOptions(config: Record<string, unknown>): OpenCodeOptions {
  const parsed = OpenCodeOptions.safeParse(config);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(wordsOf);
  throw new AoError("CONFIG", `agentConfig of the agent \`opencode\`: ${problems.join("; ")}`, {
    hint: `The keys are ${Object.keys(OpenCodeOptions.shape).join(", ")}.`,
  });
}

function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") return `unknown ${issue.keys.map((key) => `\`${key}\``).join(", ")}`;
  return `${issue.path.join(".")}: ${issue.message}`;
}

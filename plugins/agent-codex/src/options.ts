import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";

const Text = z.string().refine((text) => !text.includes("\0"), "has a NUL character");
const Line = Text.refine((text) => text.trim() !== "", "is empty");

/** `permissions` covers these. Set in another way, Codex would run in another mode than `ao` shows. */
const PERMISSION_WORDS =
  /^(--dangerously-bypass-approvals-and-sandbox|--yolo|--full-auto|--approve-for-me|--ask-for-approval|--sandbox)(=|$)|^-[as]/;
const PERMISSION_KEYS = /^\s*(approval_policy|sandbox_mode|approvals_reviewer|default_permissions)\b/;
const OURS = /^(--remote|--cd|--worktree)(=|$)|^-C/;
/** Options that take the next argument as their value, whatever it looks like. */
const TAKES_WORD = /^(-c|--config|--enable|--disable|-m|--model|-p|--profile|-i|--image|--add-dir|--local-provider)$/;

/** `agentConfig` of this plugin. */
export const CodexOptions = z.strictObject({
  permissions: z.enum(["default", "edits", "auto", "skip"]).default("edits"),
  /** Beginnings of commands that may run outside Codex's sandbox without a question. */
  allow: z.array(Line).default([]),
  model: Line.optional(),
  /** More arguments for the program. `-c`, `--enable` and `--disable` go to its app server too. */
  args: z
    .array(Text)
    .superRefine((args, context) => {
      for (const message of contradictions(args)) context.addIssue({ code: "custom", message });
    })
    .default([]),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is not the name of a variable"), Text).default({}),
  /** The program: a name on PATH, or a path. */
  command: Line.default("codex"),
  /** Read by core: continue by itself once a usage limit of the vendor ends. */
  resumeAfterLimit: z.boolean().optional(),
});
export type CodexOptions = z.infer<typeof CodexOptions>;

function contradictions(args: readonly string[]): string[] {
  return args.flatMap((word, at) => {
    if (TAKES_WORD.test(args[at - 1] ?? "")) return [];
    const [setting] = configWords(args.slice(at, at + 2)).slice(-1);
    const key = PERMISSION_KEYS.exec((setting ?? "").replace(/^(--config=|-c(?=.))/, ""))?.[1];
    const isFlag = PERMISSION_WORDS.test(word);
    if (isFlag || key !== undefined) {
      return [
        `${isFlag ? word : key} is what \`permissions\` says: set that (\`skip\` for no sandbox and no questions)`,
      ];
    }
    return OURS.test(word) ? [`${word} is set by ao`] : [];
  });
}

/** Throws CONFIG with every problem at once. */
export function parseOptions(config: Record<string, unknown>): CodexOptions {
  const parsed = CodexOptions.safeParse(config);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    if (issue.code === "unrecognized_keys") return `unknown ${issue.keys.map((key) => `\`${key}\``).join(", ")}`;
    return `${issue.path.join(".")}: ${issue.message}`;
  });
  throw new AoError("CONFIG", `agentConfig of the agent \`codex\`: ${problems.join("; ")}`, {
    hint: `The keys are ${Object.keys(CodexOptions.shape).join(", ")}.`,
  });
}

/** The parts of `args` that change the config, which the app server needs as well as the terminal program. */
export function configWords(args: readonly string[]): string[] {
  const words: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? "";
    const next = args[index + 1];
    if (/^(-c|--config|--enable|--disable)$/.test(word) && next !== undefined) {
      words.push(word, next);
      index += 1;
    } else if (/^(--config|--enable|--disable)=/.test(word) || /^-c./.test(word)) {
      words.push(word);
    }
  }
  return words;
}

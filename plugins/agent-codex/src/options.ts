import { Line, optionsParser, sharedOptions, wordsWith } from "@agent-orchestrator/agent-kit/options";
import { z } from "zod";

/** `permissions` covers these. Set in another way, Codex would run in another mode than `ao` shows. */
const PERMISSION_WORDS =
  /^(--dangerously-bypass-approvals-and-sandbox|--yolo|--full-auto|--approve-for-me|--ask-for-approval|--sandbox)(=|$)|^-[as]/;
const PERMISSION_KEYS = /^\s*(approval_policy|sandbox_mode|approvals_reviewer|default_permissions)\b/;
const OURS = /^(--remote|--cd|--worktree)(=|$)|^-C/;
/** Options that take the next argument as their value, whatever it looks like. */
const TAKES_WORD = /^(-c|--config|--enable|--disable|-m|--model|-p|--profile|-i|--image|--add-dir|--local-provider)$/;

/** `agentConfig` of this plugin. */
export const CodexOptions = z.strictObject({
  ...sharedOptions,
  /** `-c`, `--enable` and `--disable` go to its app server too. */
  args: wordsWith(contradictions).default([]),
  /** The program: a name on PATH, or a path. */
  command: Line.default("codex"),
});
export type CodexOptions = z.infer<typeof CodexOptions>;

export const parseOptions = optionsParser("codex", CodexOptions);

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

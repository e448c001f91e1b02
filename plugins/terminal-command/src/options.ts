import { AoError } from "@agent-orchestrator/core/model/errors";
import { optionProblems } from "@agent-orchestrator/plugin-kit/option-problems";
import { z } from "zod";

/** Terminals whose arguments are known. `{session}` is its name, `{attach}` the program and its arguments. */
export const PRESETS = {
  alacritty: ["alacritty", "--title", "{session}", "-e", "{attach}"],
  ghostty: ["ghostty", "--title={session}", "-e", "{attach}"],
  "gnome-terminal": ["gnome-terminal", "--title={session}", "--", "{attach}"],
  konsole: ["konsole", "-p", "tabtitle={session}", "-e", "{attach}"],
  "windows-terminal": ["wt.exe", "-w", "ao", "new-tab", "--title", "{session}", "wsl.exe", "--", "{attach}"],
  xterm: ["xterm", "-T", "{session}", "-e", "{attach}"],
} as const satisfies Record<string, readonly string[]>;

/** In YAML, `{attach}` without quotes is a map with one key. */
const Word = z.union([
  z
    .string()
    .max(4096)
    .refine((text) => !text.includes("\0"), "must not contain a NUL character"),
  z
    .record(z.string(), z.null())
    .refine((map) => Object.keys(map).length === 1, "must be a word")
    .transform((map) => `{${Object.keys(map)[0]}}`),
]);

const Argv = z
  .array(Word)
  .min(1)
  .max(100)
  .refine((words) => words.some((word) => word.includes("{attach}")), "must contain {attach}");

/** The keys of a terminal with `plugin: command`. See docs/slots/terminal.md. */
export const Options = z.strictObject({
  /** A preset's name, or a program and its arguments. */
  open: z.union([z.enum(Object.keys(PRESETS) as [keyof typeof PRESETS]).transform((name) => [...PRESETS[name]]), Argv]),
});
export type Options = z.infer<typeof Options>;

export function parseOptions(config: Record<string, unknown> | undefined): Options {
  const parsed = Options.safeParse(config ?? {});
  if (parsed.success) return parsed.data;
  const problems = optionProblems(parsed.error, { known: Object.keys(Options.shape) });
  throw new AoError("CONFIG", `terminal \`command\`: ${problems.join("; ")}`, {
    hint: `Set \`open\` to one of ${Object.keys(PRESETS).join(", ")}, or to a list with {attach}. See docs/slots/terminal.md.`,
  });
}

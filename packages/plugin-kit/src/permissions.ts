/** The permission mode of a session; `edits` where the config says nothing. */
export type PermissionMode = "default" | "edits" | "auto" | "skip";

/**
 * Commands that every agent may run without a question in the mode `edits`, in addition to the user's `allow` list: to look, to commit, and to
 * speak to `ao`. Each is the beginning of a command line, cut at a word.
 */
export const ALWAYS_ALLOWED: readonly string[] = [
  "git status",
  "git diff",
  "git log",
  "git show",
  "git add",
  "git commit",
  "ao report",
  "ao pr create",
  "ao show",
];

/** What may run without a question: ours and the user's, once each. Only the mode `edits` has such a list of ours. */
export function allowedCommands(mode: PermissionMode, allow: readonly string[]): string[] {
  return [...new Set(mode === "edits" ? [...ALWAYS_ALLOWED, ...allow] : allow)];
}

import { textFrom } from "@agent-orchestrator/agent-kit/text-end";

/** Twice the longest message, including the prefix of each of its lines. */
const MAX_BYTES = 512 * 1024;

/**
 * The texts that were typed or pasted at aider's prompts, oldest first. Unlike the chat history, this file can't contain anything from the
 * model. Two equal texts in a row are one entry. Null if there is no such file.
 */
export function readInputHistory(path: string): string[] | null {
  const text = textFrom(path, -MAX_BYTES);
  if (text === null) return null;
  const entries: string[] = [];
  let lines: string[] | null = null;
  for (const line of text.split("\n")) {
    if (line.startsWith("+")) {
      // The first entry may be cut off at its start, which makes it useless.
      lines?.push(line.slice(1));
      continue;
    }
    if (lines !== null && lines.length > 0) entries.push(lines.join("\n"));
    lines = line.startsWith("# ") ? [] : null;
  }
  if (lines !== null && lines.length > 0) entries.push(lines.join("\n"));
  return entries;
}

/** Whether this text of the chat history was really typed. Ignores blanks, which the chat history trims. */
export function wasTyped(text: string, entries: readonly string[] | null): boolean {
  return entries === null || entries.some((entry) => squeeze(entry) === squeeze(text));
}

const squeeze = (text: string): string => text.replace(/\s+/g, "");

import { cleanMessage } from "@agent-orchestrator/core/host/message-text";

/** The kernel accepts at most 128 KiB in one argument. */
const MAX_ARGUMENT_BYTES = 100 * 1024;

export interface Blank {
  text: string | undefined;
  file: string | undefined;
}

/**
 * Replaces `{name}` and `{nameFile}` inside the arguments once. Replaced text is never scanned again. An argument that is
 * only a placeholder without text is left out.
 */
export function fill(words: readonly string[], name: "prompt" | "message", blank: Blank): string[] {
  const values: Record<string, string | undefined> = {
    [`{${name}}`]: argument(blank, name),
    [`{${name}File}`]: blank.file,
  };
  const pattern = new RegExp(`\\{${name}(?:File)?\\}`, "g");
  return words.flatMap((word) => {
    if (word in values && values[word] === undefined) return [];
    const filled = word.replace(pattern, (found) => values[found] ?? "");
    // A text may begin with a dash, and must not become an option.
    return [word.startsWith("{") && filled.startsWith("-") ? ` ${filled}` : filled];
  });
}

export function hasBlank(words: readonly string[], name: "prompt" | "message"): boolean {
  return words.some((word) => word.includes(`{${name}}`) || word.includes(`{${name}File}`));
}

function argument({ text, file }: Blank, name: string): string | undefined {
  if (text === undefined) return undefined;
  const clean = cleanMessage(text);
  if (Buffer.byteLength(clean) <= MAX_ARGUMENT_BYTES || file === undefined) return clean;
  return `Your ${name} is too long for one argument. Read all of it in the file ${file} and follow it.`;
}

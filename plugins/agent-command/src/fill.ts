import { textOrFile } from "@agent-orchestrator/agent-kit/launch";
import { cleanMessage } from "@agent-orchestrator/core/host/message-text";

export interface Blank {
  text: string | undefined;
  file: string | undefined;
}

/**
 * Replaces `{name}` and `{nameFile}` inside the arguments once. Replaced text is never scanned again. An argument that is
 * only a placeholder without text is left out.
 */
export function fill(words: readonly string[], name: "prompt" | "message", blank: Blank): string[] {
  const { text, file } = blank;
  const values: Record<string, string | undefined> = {
    [`{${name}}`]: text === undefined ? undefined : textOrFile(cleanMessage(text), file),
    [`{${name}File}`]: file,
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

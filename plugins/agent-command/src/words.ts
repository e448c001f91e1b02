import { AoError } from "@agent-orchestrator/core/model/errors";

/** Shell syntax, which we refuse rather than take for plain text. */
const SHELL_SIGNS = new Set(["$", "`", "|", ";", "&", "<", ">", "(", ")"]);

/**
 * Splits a command line into words as a POSIX shell would, without a shell: blanks separate, quotes and backslashes hold
 * together, nothing is expanded. Signs that only a shell understands are an error unless they are quoted.
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote: '"' | "'" | null = null;
  const chars = [...line];
  for (let index = 0; index < chars.length; index++) {
    const char = chars[index] ?? "";
    if (quote === null && /\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (quote === null && (char === '"' || char === "'")) {
      quote = char;
      word ??= "";
    } else if (char === quote) {
      quote = null;
    } else if (char === "\\" && quote !== "'" && chars[index + 1] !== undefined) {
      index += 1;
      word = (word ?? "") + unescaped(chars[index] ?? "", quote);
    } else {
      if (quote !== "'" && isShellSign(char, quote)) throw needsShell(line, char);
      word = (word ?? "") + char;
    }
  }
  if (quote !== null) throw new AoError("CONFIG", `a quote (${quote}) is not closed in the command: ${line}`);
  return word === null ? words : [...words, word];
}

/** Inside double quotes a backslash is an escape only before these. */
function unescaped(char: string, quote: '"' | null): string {
  return quote === null || char === '"' || char === "\\" || char === "$" || char === "`" ? char : `\\${char}`;
}

function isShellSign(char: string, quote: '"' | null): boolean {
  return quote === null ? SHELL_SIGNS.has(char) : char === "$" || char === "`";
}

function needsShell(line: string, sign: string): AoError {
  return new AoError("CONFIG", `the agent's command has a ${sign} that only a shell understands: ${line}`, {
    hint: 'Commands run without a shell. Quote the sign, or write `command: sh` and `args: ["-c", "…"]`.',
  });
}

import { Lexer } from "yaml";

/** A config of 256 KiB has thousands of lines. */
export const MAX_BYTES = 256 * 1024;
const MAX_TOKENS = 40_000;
const MAX_DEPTH = 32;

const OPENS = new Set(["[", "{"]);
const CLOSES = new Set(["]", "}"]);
const BLOCK = new Set(["-", "?"]);

/**
 * Refuses what would hurt the parser, before it runs: it recurses, and text nested thousands deep ends in a stack overflow
 * that can take the whole process with it. The lexer does not recurse. Answers what is wrong and where, or null.
 */
export function scanYaml(text: string): { message: string; offset: number } | null {
  let depth = 0;
  let run = 0;
  let tokens = 0;
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    tokens += 1;
    if (OPENS.has(token)) depth += 1;
    else if (CLOSES.has(token)) depth -= 1;
    // `- - - -`: each one is a level of its own.
    if (BLOCK.has(token)) run += 1;
    else if (token.trim() !== "") run = 0;
    if (depth > MAX_DEPTH || run > MAX_DEPTH) return { message: `nested deeper than ${MAX_DEPTH} levels`, offset };
    if (tokens > MAX_TOKENS) return { message: "too many entries for a config", offset };
    offset += isMark(token) ? 0 : token.length;
  }
  return null;
}

/** The lexer's own marks (document, flow end, scalar) are not part of the text. */
function isMark(token: string): boolean {
  return token.length === 1 && ["\u0002", "\u0018", "\u001f"].includes(token);
}

export { MAX_DEPTH };

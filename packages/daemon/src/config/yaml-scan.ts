import { Lexer } from "yaml";

/** A config of 256 KiB has thousands of lines. */
export const MAX_BYTES = 256 * 1024;
const MAX_TOKENS = 40_000;
const MAX_LINES = 10_000;
export const MAX_DEPTH = 32;

const OPENS = new Set(["[", "{"]);
const CLOSES = new Set(["]", "}"]);
const BLOCK = new Set(["-", "?"]);

/**
 * Refuses what would break the parser, before it runs. The parser recurses, and text nested thousands of levels deep causes a
 * stack overflow that can end the whole process. The lexer does not recurse. Returns what is wrong and where, or null.
 */
export function scanYaml(text: string): Hostile | null {
  return scanLines(text) ?? scanTokens(text);
}

interface Hostile {
  message: string;
  offset: number;
}

const TOO_DEEP = `nested deeper than ${MAX_DEPTH} levels`;
const TOO_MANY = "too many entries for a config";

/** Counts the levels of indentation and the lines, without looking at what the lines say. */
function scanLines(text: string): Hostile | null {
  const indents: number[] = [];
  let lines = 0;
  for (let start = 0; start < text.length; lines++) {
    if (lines > MAX_LINES) return { message: TOO_MANY, offset: start };
    let at = start;
    while (text[at] === " ") at += 1;
    const indent = at - start;
    if (text[at] !== "\n" && text[at] !== "\r") {
      while (indents.length > 0 && (indents.at(-1) ?? 0) >= indent) indents.pop();
      indents.push(indent);
      if (indents.length > MAX_DEPTH + 1) return { message: TOO_DEEP, offset: start };
    }
    const end = text.indexOf("\n", at);
    start = end === -1 ? text.length : end + 1;
  }
  return null;
}

function scanTokens(text: string): Hostile | null {
  let depth = 0;
  let run = 0;
  let tokens = 0;
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    tokens += 1;
    if (OPENS.has(token)) depth += 1;
    else if (CLOSES.has(token)) depth -= 1;
    // `- - - -`: each one is a separate level.
    if (BLOCK.has(token)) run += 1;
    else if (token.trim() !== "") run = 0;
    if (depth > MAX_DEPTH || run > MAX_DEPTH) return { message: TOO_DEEP, offset };
    if (tokens > MAX_TOKENS) return { message: TOO_MANY, offset };
    offset += isMark(token) ? 0 : token.length;
  }
  return null;
}

/** The lexer's own marks (document, flow end, scalar) are not part of the text. */
function isMark(token: string): boolean {
  return token.length === 1 && ["\u0002", "\u0018", "\u001f"].includes(token);
}

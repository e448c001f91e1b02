import { withoutInvisible } from "@agent-orchestrator/core/model/text";

/** Begins or ends a block of code. */
const FENCE = /^([ \t>]*(?:`{3,}|~{3,})[^\n]*)$/m;
const COMMENT = /<!--[\s\S]*?-->/g;
/** A comment without an end, at the beginning of a block, hides everything after it. Elsewhere GitHub shows it. */
const OPEN_COMMENT = /^[ \t>*+\d.)-]*<!--[\s\S]*/m;
/** Processing instructions, CDATA and declarations are not shown either. */
const INSTRUCTION = /<\?[\s\S]*?\?>/g;
const CDATA = /<!\[CDATA\[[\s\S]*?\]\]>/g;
const DECLARATION = /<![A-Za-z][\s\S]*?>/g;
/** `[//]: # (text)`: the definition of a link, used as a comment. One that is only an address stays. */
const DEFINITION =
  /^[ \t>]*\[[^\]\n]{1,300}\]:[ \t]*\n?[ \t>]*(?!<?https?:\/\/\S+[ \t]*$)(?:<[^<>\n]*>|[^\s<]\S*)(?:[ \t]*\n?[ \t>]*(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \t]*$/gm;
const MAX_ROUNDS = 50;

/**
 * The part of a Markdown text that people see on GitHub: without comments, and without invisible and bidirectional characters.
 * Hidden text is for programs, or an attempt to instruct an agent behind people's backs. Comments are left out of code as well.
 */
export function visible(text: string): string {
  let shown = withoutInvisible(text.replace(/\r\n?/g, "\n"));
  // What is left out may join two halves of the next one.
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = outsideCode(withoutComments(shown), withoutMarkup);
    if (next === shown) return shown.trim();
    shown = next;
  }
  return ""; // Nobody writes this by accident.
}

function withoutComments(text: string): string {
  const end = endOf(text, "-->");
  return cut(text, COMMENT, end) + text.slice(end).replace(OPEN_COMMENT, "");
}

function withoutMarkup(text: string): string {
  let shown = text;
  for (const [pattern, close] of [
    [INSTRUCTION, "?>"],
    [CDATA, "]]>"],
    [DECLARATION, ">"],
  ] as const) {
    const end = endOf(shown, close);
    shown = cut(shown, pattern, end) + shown.slice(end);
  }
  return shown.replace(DEFINITION, "");
}

/** Behind the last end of such a thing: what begins there has none, and is not searched for one over and over. */
function endOf(text: string, close: string): number {
  const at = text.lastIndexOf(close);
  return at === -1 ? 0 : at + close.length;
}

const cut = (text: string, pattern: RegExp, end: number): string => text.slice(0, end).replace(pattern, "");

/** Applies it to every part that is not in a fenced block. */
function outsideCode(text: string, change: (part: string) => string): string {
  const parts = text.split(FENCE);
  return parts.map((part, index) => (index % 4 === 0 ? change(part) : part)).join("");
}

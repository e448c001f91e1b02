import { cleanForTerminal } from "@agent-orchestrator/core/host/text";

/** Begins or ends a block of code. */
const FENCE = /^([ \t>]*(?:`{3,}|~{3,})[^\n]*)$/m;
const COMMENT = /<!--[\s\S]*?-->/g;
/** A comment without an end, at the beginning of a block, hides everything after it. Elsewhere GitHub shows it. */
const OPEN_COMMENT = /^[ \t>*+\d.)-]*<!--[\s\S]*/m;
/** Processing instructions, declarations and CDATA are not shown either. */
const MARKUP = /<\?[^?]*\?>|<![A-Za-z][^>]*>|<!\[CDATA\[[^\]]*\]\]>/g;
/** `[//]: # (text)`: the definition of a link, used as a comment. One that is only an address stays. */
const DEFINITION =
  /^[ \t>]*\[[^\]\n]{1,300}\]:[ \t]*\n?[ \t>]*(?!<?https?:\/\/\S+[ \t]*$)(?:<[^<>\n]*>|[^\s<]\S*)(?:[ \t]*\n?[ \t>]*(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \t]*$/gm;
const MAX_ROUNDS = 50;

/**
 * The part of a Markdown text that people see on GitHub: without comments, and without invisible and bidirectional characters.
 * Hidden text is for programs, or an attempt to instruct an agent behind people's backs. Comments are left out of code as well.
 */
export function visible(text: string): string {
  let shown = cleanForTerminal(text);
  // What is left out may join two halves of the next one.
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = outsideCode(withoutComments(shown), (part) => part.replace(MARKUP, "").replace(DEFINITION, ""));
    if (next === shown) return shown.trim();
    shown = next;
  }
  return ""; // Nobody writes this by accident.
}

function withoutComments(text: string): string {
  const last = text.lastIndexOf("-->");
  const end = last === -1 ? 0 : last + 3;
  return text.slice(0, end).replace(COMMENT, "") + text.slice(end).replace(OPEN_COMMENT, "");
}

/** Applies it to every part that is not in a fenced block. */
function outsideCode(text: string, change: (part: string) => string): string {
  const parts = text.split(FENCE);
  return parts.map((part, index) => (index % 4 === 0 ? change(part) : part)).join("");
}

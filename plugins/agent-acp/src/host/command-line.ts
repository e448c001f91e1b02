/** What a shell acts upon outside of quotes, wherever it stands. */
const ACTIVE = new Set(["<", ">", "(", ")", "{", "}", "`", "$"]);
/** The same, at the beginning of a word. */
const ACTIVE_FIRST = new Set(["#", "~", "!", "="]);
/** Options of otherwise harmless commands that write where they please. */
const WRITES = /^--output(=|$)/;

interface Reading {
  commands: string[][];
  words: string[];
  /** null: between two words. */
  word: string | null;
}

/**
 * The simple commands of a command line as words, or null where that cannot be said for certain: redirections, substitutions,
 * groups, background jobs. `a && b; c | d` are four commands. Only for judging: nothing here is ever run.
 */
export function simpleCommands(line: string): string[][] | null {
  const reading: Reading = { commands: [], words: [], word: null };
  for (let at = 0; at < line.length; ) {
    const next = step(line, at, reading);
    if (next === null) return null;
    at = next;
  }
  endCommand(reading);
  return reading.commands.length === 0 ? null : reading.commands;
}

/** Reads one sign or one quoted piece; answers where it ended. */
function step(line: string, at: number, reading: Reading): number | null {
  const char = line.charAt(at);
  switch (char) {
    case " ":
    case "\t":
      endWord(reading);
      return at + 1;
    case "'":
    case '"':
      return quoted(line, at, reading);
    case "\\":
      return escaped(line, at, reading);
    case ";":
    case "\n":
    case "|":
    case "&":
      return separator(line, at, reading);
    default:
      if (ACTIVE.has(char) || (reading.word === null && ACTIVE_FIRST.has(char))) return null;
      reading.word = (reading.word ?? "") + char;
      return at + 1;
  }
}

function quoted(line: string, at: number, reading: Reading): number | null {
  const quote = line.charAt(at);
  reading.word ??= "";
  for (let now = at + 1; now < line.length; now++) {
    const char = line.charAt(now);
    if (char === quote) return now + 1;
    if (quote === '"') {
      // A variable stays within its word; a substitution runs something.
      if (char === "`" || (char === "$" && /[({]/.test(line.charAt(now + 1)))) return null;
      if (char === "\\") now += 1;
    }
    reading.word += line.charAt(now);
  }
  return null;
}

function escaped(line: string, at: number, reading: Reading): number | null {
  const next = line.charAt(at + 1);
  if (next === "" || next === "\n") return null;
  reading.word = (reading.word ?? "") + next;
  return at + 2;
}

/** `;`, a new line, `|`, `||` and `&&`. One `&` leaves something running, and `|&` and `&>` hide a redirection. */
function separator(line: string, at: number, reading: Reading): number | null {
  const char = line.charAt(at);
  const next = line.charAt(at + 1);
  const isDouble = (char === "|" || char === "&") && next === char;
  if ((char === "&" && !isDouble) || (char === "|" && next === "&")) return null;
  endCommand(reading);
  return at + (isDouble ? 2 : 1);
}

function endWord(reading: Reading): void {
  if (reading.word !== null) reading.words.push(reading.word);
  reading.word = null;
}

function endCommand(reading: Reading): void {
  endWord(reading);
  if (reading.words.length > 0) reading.commands.push(reading.words);
  reading.words = [];
}

/** Whether every command of this line begins with the words of an allowed one. */
export function isAllowedLine(line: string, allow: readonly string[]): boolean {
  const commands = simpleCommands(line);
  if (commands === null) return false;
  const beginnings = allow.map((each) => each.trim().split(/\s+/)).filter(([first]) => first !== "");
  return commands.every(
    (words) =>
      !words.some((word) => WRITES.test(word)) &&
      beginnings.some((beginning) => beginning.every((word, at) => words[at] === word)),
  );
}

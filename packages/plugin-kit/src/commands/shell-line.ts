/** Characters that make a shell do more than split words, wherever they stand outside quotes. */
const ACTIVE = new Set(["$", "`", "<", ">", "(", ")", "{", "}", "!", "\r", "\n", "\0"]);
/** The same at the start of a word, or behind `:` or `=` in it. */
const ACTIVE_FIRST = new Set(["~", "#", "^"]);
/** Globs. They are harmless behind a literal beginning, because no file name they match can then look like an option. */
const GLOBS = new Set(["*", "?", "[", "]"]);

interface Reading {
  commands: string[][];
  words: string[];
  /** null between two words. */
  word: string | null;
}

/**
 * The commands of a shell line, each as its words, if the line does nothing but run plain commands joined by `&&`, `||`, `;` or `|`.
 * Returns null if the shell would do more (redirect, substitute, expand, set a variable, run in the background, start a new line) or a
 * quote is left open. Such a line can't be judged by its words. Nothing is ever run from what this returns.
 */
export function commandsOf(line: string): string[][] | null {
  const reading: Reading = { commands: [], words: [], word: null };
  for (let at = 0; at < line.length; ) {
    const next = readOne(line, at, reading);
    if (next === null) return null;
    at = next;
  }
  endCommand(reading);
  const { commands } = reading;
  const isPlain = commands.every(([first = ""]) => first !== "" && !/^\w+\+?=/.test(first) && !first.startsWith("="));
  return isPlain ? commands : null;
}

/** The line that `sh -c LINE` or `bash -lc LINE` runs, or null if the command is something else. */
export function lineOfShell(command: readonly string[]): string | null {
  const [shell = "", flags = "", line] = command;
  if (line === undefined || command.length !== 3) return null;
  return /^(?:\/(?:usr\/)?(?:local\/)?bin\/)?(?:ba|z|da|k|a)?sh$/.test(shell) && /^-l?c$/.test(flags) ? line : null;
}

/** Reads one character or one quoted part and returns where it ends, or null if the line is not plain. */
function readOne(line: string, at: number, reading: Reading): number | null {
  const char = line.charAt(at);
  if (char === "'" || char === '"') return readQuoted(line, at, reading);
  if (char === "\\") return readEscaped(line, at, reading);
  if (char === " " || char === "\t") {
    endWord(reading);
    return at + 1;
  }
  const joint = /^(?:&&|\|\||;|\|)(?![&|;])/.exec(line.slice(at, at + 3))?.[0];
  if (joint !== undefined) {
    endCommand(reading);
    return at + joint.length;
  }
  if (char === "&" || char === "|" || char === ";" || ACTIVE.has(char)) return null;
  if (ACTIVE_FIRST.has(char) && /(?:^|[:=])$/.test(reading.word ?? "")) return null;
  if (GLOBS.has(char) && !/^[^-*?[\]]/.test(reading.word ?? "")) return null;
  reading.word = (reading.word ?? "") + char;
  return at + 1;
}

function readEscaped(line: string, at: number, reading: Reading): number | null {
  const escaped = line.charAt(at + 1);
  if (escaped === "" || escaped === "\n" || escaped === "\r") return null;
  reading.word = (reading.word ?? "") + escaped;
  return at + 2;
}

function readQuoted(line: string, at: number, reading: Reading): number | null {
  const quote = line.charAt(at);
  let word = reading.word ?? "";
  for (let index = at + 1; index < line.length; index++) {
    const char = line.charAt(index);
    if (char === quote) {
      reading.word = word;
      return index + 1;
    }
    if (char === "\0" || (quote === '"' && (char === "$" || char === "`"))) return null;
    if (quote === '"' && char === "\\" && line.charAt(index + 1) === "\n") return null;
    if (quote === '"' && char === "\\" && /["\\$`]/.test(line.charAt(index + 1))) index += 1;
    word += line.charAt(index);
  }
  return null;
}

function endWord(reading: Reading): void {
  if (reading.word !== null) reading.words.push(reading.word);
  reading.word = null;
}

function endCommand(reading: Reading): void {
  endWord(reading);
  reading.commands.push(reading.words);
  reading.words = [];
}

/** Signs by which a shell does more than to start one plain command after another. */
const ARTFUL = new Set(["$", "`", "<", ">", "(", ")", "{", "}", "*", "?", "[", "]", "~", "#", "\n", "\r", "!"]);

interface Reading {
  commands: string[][];
  words: string[];
  word: string | null;
}

/**
 * The commands of a shell line, each as its words, where the line is nothing but plain commands joined by `&&`, `||`, `;` or `|`.
 * null: the shell would do more (redirect, substitute, expand, set a variable), or a quote is open. Then nobody may judge it by its words.
 */
export function plainCommands(line: string): string[][] | null {
  const reading: Reading = { commands: [], words: [], word: null };
  for (let index = 0; index < line.length; ) {
    const next = readOne(line, index, reading);
    if (next === null) return null;
    index = next;
  }
  endCommand(reading);
  const { commands } = reading;
  const isPlain = commands.length > 0 && commands.every((words) => words.length > 0 && !/^\w+=/.test(words[0] ?? ""));
  return isPlain ? commands : null;
}

/** Reads what begins at `index` and says where it ends; null: not plain. */
function readOne(line: string, index: number, reading: Reading): number | null {
  const char = line[index] ?? "";
  if (char === "'" || char === '"') return readQuoted(line, index, reading);
  if (char === "\\") {
    const escaped = line[index + 1];
    if (escaped === undefined || escaped === "\n") return null;
    reading.word = (reading.word ?? "") + escaped;
    return index + 2;
  }
  if (char === " " || char === "\t") {
    endWord(reading);
    return index + 1;
  }
  const joint = /^(?:&&|\|\||;|\|)(?![&|;])/.exec(line.slice(index, index + 3))?.[0];
  if (joint !== undefined) {
    endCommand(reading);
    return index + joint.length;
  }
  if (char === "&" || char === "|" || char === ";" || ARTFUL.has(char)) return null;
  reading.word = (reading.word ?? "") + char;
  return index + 1;
}

function readQuoted(line: string, index: number, reading: Reading): number | null {
  const quote = line[index] ?? "";
  let word = reading.word ?? "";
  for (let at = index + 1; at < line.length; at++) {
    const char = line[at] ?? "";
    if (char === quote) {
      reading.word = word;
      return at + 1;
    }
    if (quote === '"' && (char === "$" || char === "`")) return null;
    if (quote === '"' && char === "\\" && /["\\$`]/.test(line[at + 1] ?? "")) {
      at += 1;
      word += line[at] ?? "";
    } else {
      word += char;
    }
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

/** The line that a `sh -lc LINE` runs; null: it is no such command. */
export function shellLine(command: string): string | null {
  const words = plainCommands(command);
  const [shell = "", flags = "", line] = words?.length === 1 ? (words[0] ?? []) : [];
  if (line === undefined || words?.[0]?.length !== 3) return null;
  return /(^|\/)(ba|z|da|k|a)?sh$/.test(shell) && /^-l?c$/.test(flags) ? line : null;
}

/** Whether each command of the line begins with an allowed one, word by word. */
export function isAllowed(command: string, allow: readonly string[]): boolean {
  const commands = plainCommands(shellLine(command) ?? command);
  if (commands === null) return false;
  const beginnings = allow.map((each) => plainCommands(each)).filter((each) => each?.length === 1);
  return commands.every((words) =>
    beginnings.some((beginning) => beginning?.[0]?.every((word, index) => words[index] === word)),
  );
}

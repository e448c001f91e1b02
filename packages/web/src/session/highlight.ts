/** Colours for code, by eye rather than by grammar: words, strings, numbers and comments of the usual languages. */

export type Kind = "plain" | "word" | "string" | "number" | "comment";

export interface Piece {
  kind: Kind;
  text: string;
}

const WORDS = new Set(
  (
    "as async await break case catch class const continue def default defer del do elif else end enum export extends " +
    "false finally fn for from func function go if impl implements import in interface is lambda let match mod module " +
    "mut new nil none None not null of or and pass private protected pub public raise return self static struct super " +
    "switch then this throw trait true True False try type undefined union use using var void when where while with yield"
  ).split(" "),
);

const HASH = /^(?:py|rb|sh|bash|zsh|yml|yaml|toml|ini|conf|make|mk|pl|r|dockerfile)$/;
const DASH = /^(?:sql|lua|hs|elm)$/;
const PLAIN = /^(?:md|markdown|txt|csv|log|lock|json)$/;

const STRING = /"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|`(?:[^`\\]|\\.)*`?/y;
const NUMBER = /\d[\w.]*/y;
const NAME = /[A-Za-z_$][\w$]*/y;
const MAX = 2_000;

const endingOf = (path: string): string => /([^./]+)$/.exec(path.toLowerCase())?.[1] ?? "";

/** The pieces of one line. A very long one is left plain. */
export function highlight(line: string, path: string): Piece[] {
  const ending = endingOf(path);
  if (line.length > MAX || PLAIN.test(ending)) return line === "" ? [] : [{ kind: "plain", text: line }];
  const comment = HASH.test(ending) ? /#.*/y : DASH.test(ending) ? /--.*/y : /\/\/.*|\/\*.*?(?:\*\/|$)|^\s*\*.*/y;
  const pieces: Piece[] = [];
  const add = (kind: Kind, text: string) => {
    const last = pieces.at(-1);
    if (last?.kind === kind) last.text += text;
    else pieces.push({ kind, text });
  };
  for (let at = 0; at < line.length; ) {
    const [kind, text] = pieceAt(line, { at, comment });
    add(kind, text);
    at += text.length;
  }
  return pieces;
}

function pieceAt(line: string, { at, comment }: { at: number; comment: RegExp }): [Kind, string] {
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(line)?.[0] || null;
  };
  const noted = take(comment);
  if (noted !== null) return ["comment", noted];
  const string = take(STRING);
  if (string !== null) return ["string", string];
  const name = take(NAME);
  if (name !== null) return [WORDS.has(name) ? "word" : "plain", name];
  const number = take(NUMBER);
  if (number !== null) return ["number", number];
  return ["plain", line[at] ?? ""];
}

export type PlainCommand =
  | { kind: "quit" | "help" | "list" }
  | { kind: "unknown"; why: string }
  | { kind: "row"; number: number; key: string; words: string; member: string | null };

const WORDS: Readonly<Record<string, string>> = {
  attach: "",
  enter: "",
  answer: "a",
  diff: "d",
  review: "r",
  merge: "m",
  send: "s",
  explain: "x",
  snooze: "z",
};
const KEYS = "adrmsxz";

export const PLAIN_HELP: readonly string[] = [
  "A command is the number of a row and a word, or its first letter as on the screen:",
  "1 attach, 1 answer (a), 1 diff (d), 1 review (r), 1 merge (m), 1 send (s), 1 explain (x), 1 snooze (z).",
  "What follows is taken as the answer, text or period: `1 a 2`, `1 s use the helper`, `1 z 2h`.",
  "In a row of several sessions, name one before the command: `1 app-3 d`.",
  "An empty line lists the rows. q quits.",
];

/** A typed line: `1 a`, `1 answer 2`, `1 app-3 diff`. */
export function parseCommand(line: string): PlainCommand {
  const words = line.trim().split(/\s+/);
  const [first = ""] = words;
  if (first === "") return { kind: "list" };
  if (/^(q|quit|exit)$/i.test(first)) return { kind: "quit" };
  if (/^(\?|h|help)$/i.test(first)) return { kind: "help" };
  if (/^(l|list)$/i.test(first)) return { kind: "list" };
  if (!/^\d{1,6}$/.test(first))
    return { kind: "unknown", why: "A command begins with the number of a row. `?` shows how." };
  const isMember = /^[A-Za-z0-9_-]+-\d+$/.test(words[1] ?? "");
  const member = isMember ? (words[1] ?? null) : null;
  const at = isMember ? 2 : 1;
  const word = (words[at] ?? "").toLowerCase();
  const key = word.length === 1 && KEYS.includes(word) ? word : WORDS[word];
  if (key === undefined) return { kind: "unknown", why: `Say what to do with row ${first}. \`?\` lists the commands.` };
  return { kind: "row", number: Number(first), key, words: words.slice(at + 1).join(" "), member };
}

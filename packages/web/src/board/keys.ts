/** What a key does on the board. */
export type KeyAct =
  | { kind: "move"; by: number }
  | { kind: "first" }
  | { kind: "last" }
  | { kind: "open" }
  | { kind: "answer" }
  | { kind: "changes" }
  | { kind: "merge" }
  | { kind: "send" }
  | { kind: "search" }
  | { kind: "spawn" }
  | { kind: "help" }
  | { kind: "choice"; number: number };

export const KEYS: readonly { keys: string; text: string }[] = [
  { keys: "j k", text: "next and previous session" },
  { keys: "g G", text: "first and last session" },
  { keys: "Enter", text: "open the session" },
  { keys: "a", text: "answer its question" },
  { keys: "1–9", text: "pick that choice of its question" },
  { keys: "d", text: "see its changes" },
  { keys: "m", text: "merge its pull request" },
  { keys: "s", text: "send it a message" },
  { keys: "n", text: "start a new session" },
  { keys: "/", text: "search" },
  { keys: "?", text: "this list" },
  { keys: "Esc", text: "close what is open" },
];

const ACTS: Readonly<Record<string, KeyAct>> = {
  j: { kind: "move", by: 1 },
  ArrowDown: { kind: "move", by: 1 },
  k: { kind: "move", by: -1 },
  ArrowUp: { kind: "move", by: -1 },
  g: { kind: "first" },
  G: { kind: "last" },
  Enter: { kind: "open" },
  a: { kind: "answer" },
  d: { kind: "changes" },
  m: { kind: "merge" },
  s: { kind: "send" },
  n: { kind: "spawn" },
  "/": { kind: "search" },
  "?": { kind: "help" },
};

export interface Pressed {
  key: string;
  hasModifier: boolean;
  /** The focus is where text is typed, or on a button that Enter presses. */
  place: "text" | "button" | "page";
}

export function keyAct({ key, hasModifier, place }: Pressed): KeyAct | null {
  if (hasModifier || place === "text") return null;
  if (place === "button" && (key === "Enter" || key === " ")) return null;
  if (/^[1-9]$/.test(key)) return { kind: "choice", number: Number(key) };
  return Object.hasOwn(ACTS, key) ? (ACTS[key] ?? null) : null;
}

import type { Key, NamedKey } from "@agent-orchestrator/core/slots/screen";

/** What a terminal of the xterm family sends for each key. */
const KEYS: Readonly<Record<NamedKey, string>> = {
  "C-c": "\u0003",
  "C-u": "\u0015",
  Escape: "\u001b",
  Enter: "\r",
  Tab: "\t",
  BSpace: "\u007f",
  Up: "\u001b[A",
  Down: "\u001b[B",
  Left: "\u001b[D",
  Right: "\u001b[C",
  PageDown: "\u001b[6~",
};

export const bytesOf = (key: Key): string => (typeof key === "string" ? (KEYS[key] ?? "") : key.char);

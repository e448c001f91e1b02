/** What a terminal shows at one moment, top to bottom. */
export interface Screen {
  /** Rows without escape sequences, trailing blanks removed. */
  rows: string[];
  /** The same rows with their colours and attributes (SGR sequences), where the runtime keeps them. */
  styledRows: string[] | null;
  /** Zero-based; null where the runtime does not know. */
  cursor: { column: number; row: number } | null;
  /** The title that the program gave its terminal. */
  title: string | null;
}

/** Keys by name. Anything else that is pressed is a single printable character. */
export const NAMED_KEYS = [
  "C-c",
  "C-u",
  "Escape",
  "Enter",
  "Tab",
  "BSpace",
  "Up",
  "Down",
  "Left",
  "Right",
  "PageDown",
] as const;
export type NamedKey = (typeof NAMED_KEYS)[number];
export type Key = NamedKey | { char: string };

/** What a terminal shows at one moment, top to bottom. */
export interface Screen {
  /** Rows without escape sequences, trailing blanks removed. */
  rows: string[];
  /** The same rows with their colours and attributes (SGR sequences), if the runtime keeps them. Each row is complete by itself. */
  styledRows: string[] | null;
  /** Zero-based. Null if the runtime does not know. */
  cursor: { column: number; row: number } | null;
  /** Of the terminal. Null or absent if unknown. */
  size?: { columns: number; rows: number } | null;
  /** The title that the program gave its terminal. */
  title: string | null;
  /**
   * Whether the program has bracketed paste on now. This distinguishes a program that turns it on only while it reads a line at a prompt
   * from one that just prints the words of a prompt. Null or absent if unknown.
   */
  isPasteBracketed?: boolean | null;
}

/** Keys by name. Any other key is a single printable character. */
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

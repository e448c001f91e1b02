import { readFileSync } from "node:fs";
import { join } from "node:path";

export const fixturePath = (name: string): string =>
  join(import.meta.dirname, "../fixtures/aider-0.86-by-source", name);

export const fixture = (name: string): string => readFileSync(fixturePath(name), "utf8");

/** A screen as a terminal would show it, with the cursor behind the last character. */
export function screenOf(text: string): { rows: string[]; cursor: { row: number; column: number } } {
  const rows = text.replace(/\n$/, "").split("\n");
  const row = rows.findLastIndex((each) => each !== "");
  return { rows: [...rows, "", "", ""], cursor: { row, column: (rows[row]?.length ?? 0) + 1 } };
}

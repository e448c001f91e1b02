import type { Screen } from "@agent-orchestrator/core/slots/screen";

/** In a smaller terminal, programs cut or drop what tells a question from an input box. */
export const SMALLEST_READABLE = { columns: 60, rows: 20 } as const;

/** Whether a screen is large enough to say what the program shows. One of unknown size is. */
export function isReadable({ size }: Pick<Screen, "size">): boolean {
  if (size === null || size === undefined) return true;
  return size.columns >= SMALLEST_READABLE.columns && size.rows >= SMALLEST_READABLE.rows;
}

/** One document on one line. */
export function jsonLine(data: unknown, meta: unknown = {}): string {
  return `${JSON.stringify({ data, meta: meta ?? {} })}\n`;
}

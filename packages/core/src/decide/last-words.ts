import type { SessionRecord } from "../model/session.ts";

/** The last thing the agent said: its report, its summary, or the last line of its output. null: nothing is known. */
export function lastWordsOf({ report, summary, launch }: SessionRecord): string | null {
  const lastLine = launch?.exit?.lastOutput?.trim().split("\n").at(-1);
  return report?.note || summary || lastLine || null;
}

import type { SessionRecord } from "../model/session.ts";

/** The last thing the agent said: its report, its summary, the last line of its output, or what looks like a failure. Null: nothing is known. */
export function lastSaid({ report, summary, activity, launch: { last: launch } }: SessionRecord): string | null {
  const lastLine = launch?.exit?.lastOutput?.trim().split("\n").at(-1);
  return report?.note || summary || lastLine || activity?.guess || null;
}

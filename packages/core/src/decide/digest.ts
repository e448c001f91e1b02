import type { DigestCounts, DigestLine } from "../model/digest.ts";
import type { EventType, OrchestratorEvent } from "../model/event.ts";
import { oneLine } from "../model/text.ts";

export interface Happened {
  merged: DigestLine[];
  /** What went wrong and may still need somebody. */
  failed: DigestLine[];
  counts: DigestCounts;
}

type Counted = keyof DigestCounts;

const COUNTED: Partial<Record<EventType, Counted>> = {
  "session.spawned": "started",
  "pr.created": "opened",
  "session.needs_input": "asked",
  "ci.failing": "ciFailed",
  "ci.fix_sent": "fixesSent",
  "review.comments_sent": "reviewsSent",
  "automated_review.fix_sent": "reviewsSent",
};
const MERGED: ReadonlySet<string> = new Set<EventType>(["pr.merged", "merge.completed"]);
const FAILED: ReadonlySet<string> = new Set<EventType>([
  "session.errored",
  "session.stuck",
  "reaction.escalated",
  "limit.reached",
  "pr.closed",
]);

/** The events that a digest is made of. */
export const DIGEST_EVENTS: readonly string[] = [...Object.keys(COUNTED), ...MERGED, ...FAILED];

type Event = Pick<OrchestratorEvent, "ts" | "type" | "sessionId" | "projectId" | "message" | "data">;

/** What these events come to, in their order. A merge has two events, and a problem that comes again is told once. */
export function digestOf(events: readonly Event[]): Happened {
  const counts: DigestCounts = { started: 0, opened: 0, asked: 0, ciFailed: 0, fixesSent: 0, reviewsSent: 0 };
  const merged = new Map<string, DigestLine>();
  const failed = new Map<string, DigestLine>();
  for (const event of events) {
    const counted = COUNTED[event.type as EventType];
    if (counted !== undefined) counts[counted] += 1;
    const line = lineOf(event);
    if (line === null) continue;
    if (MERGED.has(event.type)) {
      const key = `${line.sessionId} ${line.pr}`;
      if (!merged.has(key)) merged.set(key, line);
    }
    if (FAILED.has(event.type)) failed.set(`${line.sessionId} ${event.type}`, line);
  }
  return { merged: [...merged.values()], failed: [...failed.values()], counts };
}

function lineOf({ ts, sessionId, projectId, message, data }: Event): DigestLine | null {
  if (sessionId === null || sessionId === undefined) return null;
  const pr = typeof data?.pr === "number" ? data.pr : null;
  // The line has its own column for the session.
  const text = oneLine(String(message ?? "")).replace(`${sessionId}: `, "");
  return { at: ts, sessionId, projectId: projectId ?? null, pr, text };
}

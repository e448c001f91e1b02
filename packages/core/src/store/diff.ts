import type { State } from "../model/state.ts";
import { own } from "./fold.ts";
import type { RecordDraft } from "./log.ts";
import { diffMembers } from "./patch.ts";

const TABLES = new Set(["sessions", "archive", "intents", "instances", "projects", "spend", "wishes"]);
/** Assigned by the log itself. */
const LOG_OWNED = new Set([...TABLES, "seq", "epoch"]);

/** Returns the records that turn `previous` into `next`. Compares only what is not the same object. */
export function diffState(previous: State, next: State): RecordDraft[] {
  const drafts: RecordDraft[] = [];
  const top = diffMembers(previous, next, LOG_OWNED);
  if (top !== null) drafts.push({ type: "ao.state", ...top });
  drafts.push(
    ...diffTable(previous.instances, next.instances, (key, instance) => ({ type: "ao.instance", key, instance })),
  );
  drafts.push(...diffTable(previous.projects, next.projects, (key, project) => ({ type: "ao.project", key, project })));
  drafts.push(...diffTable(previous.spend, next.spend, (key, spend) => ({ type: "ao.spend", key, spend })));
  drafts.push(...diffTable(previous.wishes, next.wishes, (key, wish) => ({ type: "ao.wish", key, wish })));
  drafts.push(...diffSessions(previous.sessions, next.sessions));
  drafts.push(...diffTable(previous.archive, next.archive, (key, session) => ({ type: "ao.archive", key, session })));
  drafts.push(
    ...diffTable(previous.intents, next.intents, (key, intent) =>
      intent === null ? { type: "ao.done", key } : { type: "ao.intent", sessionId: intent.sessionId, key, intent },
    ),
  );
  return drafts;
}

function diffTable<T extends object>(
  previous: Record<string, T>,
  next: Record<string, T>,
  draft: (key: string, value: T | null) => RecordDraft,
): RecordDraft[] {
  if (previous === next) return [];
  const drafts: RecordDraft[] = [];
  for (const key of Object.keys(previous)) {
    if (own(next, key) === undefined) drafts.push(draft(key, null));
  }
  for (const [key, value] of Object.entries(next)) {
    const before = own(previous, key);
    if (before !== value && (before === undefined || diffMembers(before, value) !== null))
      drafts.push(draft(key, value));
  }
  return drafts;
}

function diffSessions(previous: State["sessions"], next: State["sessions"]): RecordDraft[] {
  if (previous === next) return [];
  const drafts: RecordDraft[] = [];
  for (const sessionId of Object.keys(previous)) {
    if (own(next, sessionId) === undefined) drafts.push({ type: "ao.session.gone", sessionId });
  }
  for (const [sessionId, record] of Object.entries(next)) {
    const before = own(previous, sessionId);
    if (before === record) continue;
    const place = { sessionId, projectId: record.projectId };
    if (before === undefined) drafts.push({ type: "ao.session.new", ...place, record });
    else {
      const change = diffMembers(before, record);
      if (change !== null) drafts.push({ type: "ao.session", ...place, ...change });
    }
  }
  return drafts;
}

import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { at, type Iso } from "../model/time.ts";
import { toRecordPatch } from "./flat-record.ts";
import { own } from "./fold.ts";
import type { RecordDraft } from "./log.ts";
import { diffMembers, type Patch } from "./patch.ts";

const TABLES = new Set([
  "sessions",
  "archive",
  "intents",
  "instances",
  "projects",
  "notices",
  "channels",
  "spend",
  "wishes",
]);
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
  drafts.push(...diffTable(previous.notices, next.notices, (key, notice) => ({ type: "ao.notice", key, notice })));
  drafts.push(...diffTable(previous.channels, next.channels, (key, channel) => ({ type: "ao.channel", key, channel })));
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

/**
 * What only moves on while an agent works, and is looked at again after a restart. It gets into the log together with the next
 * change of its session, and every `WRITTEN_EVERY_MS` by itself. See docs/decisions/0029-the-cost-of-busy-sessions.md.
 */
const MOVING: Record<string, ReadonlySet<string>> = {
  "": new Set(["progressAt", "lastActivityAt", "repositoryChangedAt"]),
  work: new Set(["headSha", "commitsAhead", "changedFiles", "unpushedCommits", "at"]),
  pr: new Set(["seenAt", "headSince"]),
  "pr.snapshot": new Set(["headSha", "headAt"]),
};
const WRITTEN_EVERY_MS = 600_000;

/** Sessions in memory that are ahead of the log, and what the log has of each. */
const written = new WeakMap<SessionRecord, SessionRecord>();

function isOnlyMoving({ patch = {}, removed, members = {}, items }: Patch, path = ""): boolean {
  if (removed !== undefined || items !== undefined) return false;
  const moving = MOVING[path];
  return (
    Object.keys(patch).every((key) => moving?.has(key) === true) &&
    Object.entries(members).every(([key, inner]) => isOnlyMoving(inner, path === "" ? key : `${path}.${key}`))
  );
}

function isDue(before: SessionRecord, after: SessionRecord): boolean {
  // Forward, or back with the clock.
  const hasMoved = (from: Iso, to: Iso) => Math.abs(at(to) - at(from)) >= WRITTEN_EVERY_MS;
  const { createdAt } = after;
  return (
    hasMoved(before.lastActivityAt, after.lastActivityAt) ||
    hasMoved(before.pr.seenAt ?? createdAt, after.pr.seenAt ?? createdAt)
  );
}

function diffSessions(previous: State["sessions"], next: State["sessions"]): RecordDraft[] {
  if (previous === next) return [];
  const drafts: RecordDraft[] = [];
  for (const sessionId of Object.keys(previous)) {
    if (own(next, sessionId) === undefined) drafts.push({ type: "ao.session.gone", sessionId });
  }
  for (const [sessionId, record] of Object.entries(next)) {
    const inMemory = own(previous, sessionId);
    if (inMemory === record) continue;
    const place = { sessionId, projectId: record.projectId };
    if (inMemory === undefined) {
      drafts.push({ type: "ao.session.new", ...place, record });
      continue;
    }
    const before = written.get(inMemory) ?? inMemory;
    const change = diffMembers(before, record);
    if (change === null) continue;
    if (isOnlyMoving(change) && !isDue(before, record)) written.set(record, before);
    else drafts.push({ type: "ao.session", ...place, ...toRecordPatch(change) });
  }
  return drafts;
}

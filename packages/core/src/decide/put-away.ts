import { issueKey } from "../model/issue.ts";
import type { PutAway } from "../model/put-away.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { at } from "../model/time.ts";
import { isOver } from "./facts-of.ts";
import { keptSince } from "./kept-work.ts";

/** How long an archived session stays in memory, because somebody may still look at it or restore it. */
export const STAYS_MS = 10 * 60_000;

export interface PutAwayRound {
  nowMs: number;
  /** How many at most: each writes a file. */
  most: number;
  /** Was asked for a moment ago. */
  isInUse(id: string): boolean;
}

/**
 * Takes sessions out of memory that have been archived for a while, and on which nothing depends: no folder that was
 * left, no kept work that is about to be deleted, no effect under way, no session that waits for it or stands on its branch. Pure.
 * The store writes the record of each to its file before the change counts.
 */
export function putAway(state: State, round: PutAwayRound): State {
  const needed = neededBy(state);
  const gone = Object.values(state.sessions)
    .filter((record) => isDone(record, round.nowMs) && !round.isInUse(record.id) && !needed(record))
    .slice(0, round.most);
  if (gone.length === 0) return state;
  const sessions = { ...state.sessions };
  const archive = { ...state.archive };
  for (const record of gone) {
    delete sessions[record.id];
    archive[record.id] = toPutAway(record);
  }
  return { ...state, sessions, archive };
}

/** The session is back in memory, as it was. Pure. */
export function bringBack(state: State, record: SessionRecord): State {
  if (!Object.hasOwn(state.archive, record.id) || Object.hasOwn(state.sessions, record.id)) return state;
  const { [record.id]: _, ...archive } = state.archive;
  return { ...state, archive, sessions: { ...state.sessions, [record.id]: record } };
}

function isDone(record: SessionRecord, nowMs: number): boolean {
  const { phase, isArchived, archivedAt, workspacePath, attention } = record;
  if (!isArchived || phase !== "archived" || workspacePath !== null) return false;
  return attention === null && at(archivedAt ?? record.statusSince) + STAYS_MS < nowMs;
}

/** Whether an effect, a session that waits or a stacked one still needs a session. */
function neededBy({ intents, sessions, overdueMs = {} }: State): (record: SessionRecord) => boolean {
  const ids = new Set([...Object.values(intents).map(({ sessionId }) => sessionId), ...Object.keys(overdueMs)]);
  const names = new Set<string>();
  for (const other of Object.values(sessions)) {
    if (other.isArchived) continue;
    if (other.baseBranch !== null) names.add(inProject(other, "branch", other.baseBranch));
    for (const { session, issue } of isOver(other) ? [] : (other.after ?? [])) {
      if (session !== null) ids.add(session);
      if (issue !== null) names.add(inProject(other, "issue", issue));
    }
  }
  return (record) =>
    ids.has(record.id) ||
    names.has(inProject(record, "branch", record.branch)) ||
    (record.task.issue !== null && names.has(inProject(record, "issue", issueKey(record.task.issue))));
}

const inProject = (record: SessionRecord, kind: "branch" | "issue", name: string): string =>
  `${record.instanceId}-${record.projectId} ${kind} ${name}`;

export function toPutAway(record: SessionRecord): PutAway {
  const { id, instanceId, projectId, createdAt, status, branch, task } = record;
  const { snapshot: pr, earlier: formerPrs = [] } = record.pr;
  const prs = [...(pr === null ? [] : [pr.info]), ...formerPrs].map(({ number, url }) => ({ number, url }));
  const { issue: whole } = task;
  const issue = whole && { id: whole.id, url: whole.url, ...(whole.tracker && { tracker: whole.tracker }) };
  const archivedAt = record.archivedAt ?? record.statusSince;
  const path = record.preservedPath;
  const kept = path === null ? null : { path, since: keptSince(record) };
  return { id, instanceId, projectId, createdAt, archivedAt, status, branch, issue, prs, kept };
}

import type { SessionFact } from "../model/fact.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { hasOpenPr, isOver } from "./facts-of.ts";

type BaseMerged = Omit<Extract<SessionFact, { kind: "base-merged" }>, "at">;

/** The pull request that is to have another base, and which. */
export const askedOf = ({ pr: { snapshot: pr } }: Pick<SessionRecord, "pr">, to: string): string =>
  `${pr?.info.number ?? ""}:${to}`;

/**
 * Sessions that are based on the branch of a session whose pull request was merged. That branch was made for it and is done with;
 * one that is older than its session stays a base. `isRemote`: elsewhere the scm moves pull requests by itself.
 */
export function mergedBases(
  state: State,
  isRemote: (record: SessionRecord) => boolean,
): { id: string; fact: BaseMerged }[] {
  const sessions = Object.values(state.sessions);
  const bases = new Map<string, SessionRecord | null>();
  for (const record of sessions) if (canMove(record)) bases.set(keyOf(record, record.baseBranch), null);
  if (bases.size === 0) return [];
  for (const record of sessions) {
    const key = keyOf(record, record.branch);
    if (bases.has(key) && record.pr.snapshot?.state === "merged" && !record.useExistingBranch) bases.set(key, record);
  }
  return sessions.flatMap((record) => {
    const parent = bases.get(keyOf(record, record.baseBranch));
    if (!parent?.pr.snapshot || parent.id === record.id || !canMove(record)) return [];
    const { number, baseBranch } = parent.pr.snapshot.info;
    if (!isNews(record, baseBranch) || !isRemote(record)) return [];
    return [{ id: record.id, fact: { kind: "base-merged", from: parent.branch, to: baseBranch, pr: number } }];
  });
}

const keyOf = ({ instanceId, projectId }: SessionRecord, branch: string | null): string =>
  `${instanceId} ${projectId} ${branch}`;

const canMove = (record: SessionRecord): boolean =>
  !record.isArchived && record.baseBranch !== null && (hasOpenPr(record) || !isOver(record));

/** What was asked once is not asked again. */
const isNews = (record: SessionRecord, to: string): boolean =>
  record.baseBranch !== to &&
  record.branch !== to &&
  !(hasOpenPr(record) && record.pr.baseMove?.asked === askedOf(record, to));

import type { SessionFact } from "../model/fact.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { hasOpenPr, isOver } from "./facts-of.ts";

type BaseMerged = Omit<Extract<SessionFact, { kind: "base-merged" }>, "at">;

/** The pull request that is to have another base, and which. */
export const askedOf = ({ pr }: Pick<SessionRecord, "pr">, to: string): string => `${pr?.info.number ?? ""}:${to}`;

/**
 * Sessions that are based on the branch of a session whose pull request was merged. That branch was made for it and is done with;
 * one that is older than its session stays a base. `isRemote`: elsewhere the scm moves pull requests by itself.
 */
export function mergedBases(
  state: State,
  isRemote: (record: SessionRecord) => boolean,
): { id: string; fact: BaseMerged }[] {
  const sessions = Object.values(state.sessions);
  const merged = sessions.filter(({ pr, useExistingBranch }) => pr?.state === "merged" && !useExistingBranch);
  if (merged.length === 0) return [];
  return sessions.flatMap((record) => {
    const parent = merged.find((other) => isBase(other, record));
    if (parent === undefined || parent.pr === null || !isToMove(record, parent.pr.info.baseBranch)) return [];
    if (!isRemote(record)) return [];
    const { number, baseBranch } = parent.pr.info;
    return [{ id: record.id, fact: { kind: "base-merged", from: parent.branch, to: baseBranch, pr: number } }];
  });
}

const isBase = (other: SessionRecord, record: SessionRecord): boolean =>
  other.id !== record.id &&
  other.branch === record.baseBranch &&
  other.instanceId === record.instanceId &&
  other.projectId === record.projectId;

/** What was asked once is not asked again. */
function isToMove(record: SessionRecord, to: string): boolean {
  if (record.baseBranch === to || record.branch === to || record.isArchived) return false;
  if (!hasOpenPr(record)) return !isOver(record);
  return record.baseMove?.asked !== askedOf(record, to);
}

import { issueKey } from "../model/issue.ts";
import type { Refusal } from "../model/refusal.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { hasOpenPr } from "./facts-of.ts";

type Place = Pick<SessionRecord, "instanceId" | "projectId">;

/** The sessions of a project that still have something. */
export const sessionsIn = (state: State, { instanceId, projectId }: Place): SessionRecord[] =>
  Object.values(state.sessions).filter(
    (record) => record.instanceId === instanceId && record.projectId === projectId && !record.isArchived,
  );

const liveOne = (state: State, place: Place, fits: (record: SessionRecord) => boolean): SessionRecord | undefined =>
  sessionsIn(state, place).find((record) => record.ending === null && fits(record));

/** An issue has one live session, unless the user wants a second one. Null: it has none. */
export function refusalOfIssue(state: State, place: Place, issue: string): Refusal | null {
  const live = liveOne(state, place, ({ task }) => task.issue !== null && issueKey(task.issue) === issue);
  if (live === undefined) return null;
  return {
    code: "REFUSED",
    message: `issue ${issue} already has a live session: ${live.id} (${live.status})`,
    hint: `\`ao attach ${live.id}\`, or start a second one with --again.`,
    details: { session: live.id },
  };
}

/** A pull request has one session at a time. Null: this one has none. */
export function refusalOfPr(state: State, place: Place, number: number): Refusal | null {
  const numberOf = (record: SessionRecord) =>
    record.pr.taken?.at === null ? record.pr.taken.info.number : hasOpenPr(record) && record.pr.snapshot?.info.number;
  const other = liveOne(state, place, (record) => numberOf(record) === number);
  if (other === undefined) return null;
  return {
    code: "REFUSED",
    message: `PR ${number} is the pull request of ${other.id} (${other.status})`,
    hint: `\`ao send ${other.id} "…"\`, or end that session first: \`ao kill ${other.id}\`.`,
  };
}

/** A branch has one session at a time, including one that is still queued and has no checkout yet. Null: it is free. */
export function refusalOfBranch(state: State, place: Place, branch: string): Refusal | null {
  const other = liveOne(state, place, (record) => record.branch === branch);
  if (other === undefined) return null;
  return {
    code: "REFUSED",
    message: `branch ${branch} is in use by ${other.id} (${other.status})`,
    hint: `\`ao attach ${other.id}\`, or start from it with \`--base ${other.id}\`.`,
  };
}

import { act, type Draft, type FactOf, note, patch } from "../draft.ts";
import { isOver, strayBranch } from "../facts-of.ts";

/** The agent ended its turn on another branch than the session's: the session goes along where it may. */
export function followBranch(draft: Draft): void {
  const { record } = draft;
  const branch = strayBranch(record);
  if (branch === null) {
    // A look that began before the agent switched says nothing about a move that is under way.
    if (record.stray?.reason != null) patch(draft, { stray: null });
    return;
  }
  if (record.turnStartedAt !== null || record.work?.operation != null) return;
  if (record.stray?.branch === branch && record.stray.headSha === record.work?.headSha) return;
  requestFollow(draft, branch);
}

export function requestFollow(draft: Draft, branch: string): void {
  const { record } = draft;
  if (isOver(record) || record.launch.stopping || record.workspacePath === null || branch === record.branch) return;
  const headSha = record.work?.headSha ?? null;
  patch(draft, { stray: { branch, headSha, reason: null } });
  act(draft, { kind: "follow-branch", key: `follow:${record.id}:${branch}:${headSha ?? ""}`, branch });
}

export function finishFollow(draft: Draft, { branch }: FactOf<"branch-followed">): void {
  const { record } = draft;
  if (record.branch === branch) return;
  note(draft, `Its branch is ${branch} now; it was ${record.branch}.`);
  patch(draft, { branch, stray: null, pr: { askedFor: null, openFailure: null } });
}

/** Said once for each head: what stood in the way may be gone when the agent goes on. */
export function refuseFollow(draft: Draft, reason: string): void {
  const { stray } = draft.record;
  if (stray) patch(draft, { stray: { ...stray, reason } });
}

import { isoNow } from "@agent-orchestrator/core/host/clock";
import { amendChecks } from "./ci/run-job.ts";
import { amend, type Desk, findByBranch, indexOf, tipsOf } from "./desk.ts";
import type { BaseMove, PRRecord } from "./records.ts";
import type { Refs } from "./refs.ts";

/** Returns where a pull request based on this branch belongs, and the merged or closed pull requests on the way there. */
export interface BaseFound {
  branch: string;
  passed: PRRecord[];
}

/**
 * A branch that was created for one session is finished once its pull request is merged or closed. What builds on it
 * moves to that pull request's own base. The project's default branch, and branches that are older than their session,
 * stay in use.
 */
export function liveBase(desk: Desk, branch: string, records = desk.prs.all()): BaseFound {
  const passed: PRRecord[] = [];
  const visited = new Set<string>();
  for (let now = branch; ; ) {
    const record =
      visited.has(now) || now === desk.project.defaultBranch ? null : (indexOf(records).get(now)?.[0] ?? null);
    if (record === null || record.state === "open" || !record.isOwnBranch) return { branch: now, passed };
    visited.add(now);
    passed.push(record);
    now = record.baseBranch;
  }
}

/** Heads whose changes are in the base already, even if the merge rewrote their commits. */
export const landedOf = (passed: readonly PRRecord[]): string[] =>
  passed.filter((record) => record.state === "merged").map((record) => record.headSha);

/** Moves every open pull request off a base that is finished. Safe to repeat: a crash in between loses nothing. */
export function moveBases(desk: Desk, refs: Refs): void {
  const records = desk.prs.all();
  for (const record of records.values()) {
    if (record.state !== "open") continue;
    const { branch, passed } = liveBase(desk, record.baseBranch, records);
    const last = passed[0];
    if (branch === record.baseBranch || last === undefined) continue;
    const isMerged = passed.every((each) => each.state === "merged");
    move(desk, refs, { record, to: branch, number: last.number, because: isMerged ? "merged" : "closed", passed });
  }
}

/** Moves a pull request to the default branch if its base branch was deleted and has no pull request. */
export function leaveGoneBase(desk: Desk, refs: Refs, record: PRRecord): void {
  const to = desk.project.defaultBranch;
  if (to === null || to === record.baseBranch || findByBranch(desk, record.baseBranch) !== null) return;
  if (refs.read(`refs/heads/${to}`) === null) return;
  move(desk, refs, { record, to, number: null, because: "gone", passed: [] });
}

interface Move extends Pick<BaseMove, "to" | "number" | "because"> {
  record: PRRecord;
  passed: readonly PRRecord[];
}

function move(desk: Desk, refs: Refs, { record, to, number, because, passed }: Move): void {
  const at = isoNow(desk.context.clock);
  amend(desk, record.number, (now) => ({
    baseBranch: to,
    moves: [...now.moves, { from: now.baseBranch, to, number, because, at }],
    landed: [...new Set([...now.landed, ...landedOf(passed)])],
  }));
  const head = tipsOf(refs, record).head?.sha ?? record.headSha;
  // With another base, the checks of the same commit run again.
  amendChecks(desk, head, (commit) => ({
    ...commit,
    results: Object.fromEntries(Object.entries(commit.results).map(([name, one]) => [name, { ...one, isStale: true }])),
  }));
}

/** Follows a branch that was renamed, or a session that switched branches: with its open pull request and what is based on it. */
export function moveBranch(desk: Desk, from: string, to: string): void {
  for (const record of desk.prs.all().values()) {
    if (record.state !== "open") continue;
    if (record.branch === from) amend(desk, record.number, () => ({ branch: to }));
    if (record.baseBranch === from) amend(desk, record.number, () => ({ baseBranch: to }));
  }
}

/** Says why the base changed since the pull request was opened. Null if it did not. */
export function describeMove({ moves }: PRRecord): string | null {
  const last = moves.at(-1);
  if (last === undefined) return null;
  const { from, to, number, because } = last;
  if (because === "gone") return `now based on ${to}: its base ${from} was deleted`;
  if (because === "merged") return `now based on ${to}: PR ${number} (${from}) was merged`;
  return `now based on ${to}: PR ${number} (${from}) was closed without a merge, and its commits are part of this pull request unless they are dropped`;
}

/** Since when it may contain commits that were not approved for this base. Null if it cannot. */
export const doubtfulSince = ({ moves }: PRRecord): string | null =>
  moves.filter(({ because }) => because !== "merged").at(-1)?.at ?? null;

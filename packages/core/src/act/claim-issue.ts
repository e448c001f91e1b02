import { answerWithin } from "../host/deadline.ts";
import { failpoint } from "../host/failpoint.ts";
import { AoError } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import { type IssueStage, issueKey } from "../model/issue.ts";
import { trackerText } from "../model/project.ts";
import type { SessionRecord } from "../model/session.ts";
import type { ActCall } from "./call.ts";
import { TRACKER_MS } from "./pull-request.ts";

/** Marks the issue as the user's, or takes the mark away unless another session of theirs works on it. */
export async function claimIssue(
  call: ActCall,
  { issueId, isClaimed }: { issueId: string; isClaimed: boolean },
  sessions: readonly SessionRecord[],
): Promise<ToldFact[]> {
  const tracker = await call.plugins.tracker();
  if (tracker.updateIssue === undefined) {
    throw new AoError("REFUSED", `${trackerText(call.project)} cannot change issues`);
  }
  if (!isClaimed && sessions.some((other) => isAlsoClaimedBy(other, call.record))) return [];
  const asking = { ...call, whom: trackerText(call.project), timeoutMs: TRACKER_MS };
  failpoint("claim-issue.before");
  await answerWithin(async (signal) => tracker.updateIssue?.(issueId, { isClaimed }, call.project, { signal }), asking);
  failpoint("claim-issue.after");
  return [];
}

/** Tells the tracker how far the work on an issue is. It moves the issue forward only. */
export async function stageIssue(
  call: ActCall,
  { issueId, stage, pr }: { issueId: string; stage: IssueStage; pr: { url: string; title: string } | null },
): Promise<ToldFact[]> {
  const tracker = await call.plugins.tracker();
  const asking = { ...call, whom: trackerText(call.project), timeoutMs: TRACKER_MS };
  const update = { stage, ...(pr === null ? {} : { pr }) };
  failpoint("stage-issue.before");
  await answerWithin(async (signal) => tracker.updateIssue?.(issueId, update, call.project, { signal }), asking);
  failpoint("stage-issue.after");
  return [];
}

const isAlsoClaimedBy = (other: SessionRecord, { id, instanceId, projectId, task }: SessionRecord): boolean =>
  other.id !== id &&
  other.instanceId === instanceId &&
  other.projectId === projectId &&
  other.task.issue !== null &&
  task.issue !== null &&
  issueKey(other.task.issue) === issueKey(task.issue) &&
  other.issue.claim?.isWanted === true;

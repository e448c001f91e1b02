import { issueKey } from "../../model/issue.ts";
import { act, type Draft, type FactOf, note, patch } from "../draft.ts";
import { failedAgain, isAgainDue } from "./claim.ts";

/** Its pull request was merged: the issue is done. */
export function closeIssue(draft: Draft): void {
  const { record, ctx } = draft;
  if (!ctx.policy.closeIssueOnMerge || record.task.issue === null || record.pr.snapshot?.state !== "merged") return;
  const { number, url } = record.pr.snapshot.info;
  const again = record.issue.close?.pr === number ? `#${record.issue.close.failures}` : "";
  const issueId = issueKey(record.task.issue);
  const comment = `Merged with pull request #${number} ${url}`.trim();
  act(draft, { kind: "close-issue", key: `close-issue:${record.id}:${number}${again}`, issueId, comment });
}

/** A tracker that did not answer is asked again, also after the session's end. */
export function closeAgain(draft: Draft): void {
  const { close: failed } = draft.record.issue;
  const { snapshot: pr } = draft.record.pr;
  if (failed === undefined || failed.pr !== pr?.info.number || !isAgainDue(draft, failed)) return;
  patch(draft, { issue: { close: { ...failed, failedAt: null } } });
  closeIssue(draft);
}

export function closeFailed(draft: Draft, fact: FactOf<"effect-failed">): void {
  const { task } = draft.record;
  const { close: before } = draft.record.issue;
  const { snapshot: pr } = draft.record.pr;
  const number = pr?.info.number;
  if (number === undefined || task.issue === null) return;
  note(draft, `Issue ${issueKey(task.issue)} could not be closed: ${fact.failure.message}`);
  const failures = before?.pr === number ? before.failures : 0;
  patch(draft, { issue: { close: { pr: number, ...failedAgain({ failures, failedAt: null }, fact) } } });
}

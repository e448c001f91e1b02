import { type IssueStage, issueKey } from "../../model/issue.ts";
import type { SessionRecord } from "../../model/session.ts";
import { act, type Draft, type FactOf, note, patch } from "../draft.ts";
import { hasOpenPr, isOver } from "../facts-of.ts";
import { failedAgain, isAgainDue } from "./claim.ts";

/** Tells the tracker how far the work on the issue is: once for each stage, and for each pull request. Never that it went back. */
export function stageIssue(draft: Draft): void {
  const { record, ctx } = draft;
  const { issue } = record.task;
  const reached = stageOf(record);
  if (!ctx.policy.stageIssue || issue === null || reached === null || isOver(record)) return;
  const { stage: told } = record.issue;
  const stage = told?.stage === "review" ? "review" : reached;
  const pr = hasOpenPr(record) ? record.pr.snapshot?.info : undefined;
  const url = pr?.url ?? told?.pr ?? null;
  const isNews = stage !== told?.stage || url !== told.pr;
  if (!isNews && !isAgainDue(draft, told)) return;
  const asked = (told?.asked ?? 0) + 1;
  const failures = isNews ? 0 : told.failures;
  patch(draft, { issue: { stage: { stage, pr: url, asked, failures, failedAt: null } } });
  act(draft, {
    kind: "stage-issue",
    key: `stage-issue:${record.id}:${asked}`,
    issueId: issueKey(issue),
    stage,
    pr: pr === undefined ? null : { url: pr.url, title: pr.title },
  });
}

/** Null: no agent has begun with it. */
function stageOf(record: SessionRecord): IssueStage | null {
  if (record.pr.snapshot?.state === "open") return "review";
  return record.launch.last?.startedAt ? "started" : null;
}

export function stageFailed(draft: Draft, fact: FactOf<"effect-failed">): void {
  const { task } = draft.record;
  const { stage: told } = draft.record.issue;
  if (told === undefined) return;
  note(
    draft,
    `Issue ${task.issue === null ? "" : issueKey(task.issue)} could not be moved to "${told.stage}": ${fact.failure.message}`,
  );
  patch(draft, { issue: { stage: { ...told, ...failedAgain(told, fact) } } });
}

import type { MergeMethod, ScmFailure } from "../../model/pull-request.ts";
import type { SessionRecord } from "../../model/session.ts";
import { at, toIso } from "../../model/time.ts";
import { act, type Draft, patch, wakeAt } from "../draft.ts";
import {
  currentReport,
  hasNewCommits,
  hasOpenPr,
  isDetached,
  isOver,
  latest,
  prName,
  strayBranch,
  workSeenSince,
} from "../facts-of.ts";
import { shorten } from "../text.ts";
import { turnFailureOf } from "../turn-failure.ts";
import { isLimited } from "../vendor-limit.ts";
import { closeIssue } from "./close.ts";
import { end } from "./stop.ts";

interface OpenPr {
  title: string | null;
  body: string | null;
  key: string;
}

/** Asks for a pull request; the scm gives the existing one if there is one. */
export function openPr(draft: Draft, wish: OpenPr): void {
  const { record } = draft;
  if (record.workspacePath === null || record.phase === "archived" || record.phase === "removing") return;
  const headSha = record.work?.headSha ?? null;
  const before = record.pr.openFailure?.headSha === headSha ? record.pr.openFailure : null;
  patch(draft, {
    pr: { askedFor: headSha, openFailure: before?.retryAt ? { ...before, retryAt: null, isTriedAgain: true } : null },
  });
  const title = wish.title ?? titleOf(record);
  act(draft, { kind: "open-pr", key: `open-pr:${record.id}:${wish.key}`, title, body: wish.body });
}

/** The issue's title, or the first words of the prompt; null: the newest commit's subject. */
function titleOf(record: SessionRecord): string | null {
  const { issue, prompt } = record.task;
  if (issue !== null) return shorten(issue.title, 120);
  return prompt === null ? null : shorten(prompt.trim(), 72);
}

/** A turn ended with commits and no pull request: the scm that opens them by itself does so now, once a head. */
export function openPrAtTurnEnd(draft: Draft): void {
  const { record, ctx } = draft;
  const failed = failureAtHead(record);
  if (failed?.retryAt) wakeAt(draft, at(failed.retryAt));
  if (ctx.policy.isPaused || record.isPaused || wantsPr(record, draft) !== "yes") return;
  const { attempts = 0 } = failed ?? {};
  openPr(draft, {
    title: null,
    body: null,
    key: attempts === 0 ? (record.work?.headSha ?? "") : `${record.work?.headSha}#${attempts}`,
  });
}

/** `unknown`: the checkout has not been looked at since the turn ended. */
export function wantsPr(record: SessionRecord, draft: Pick<Draft, "ctx">): "yes" | "no" | "unknown" {
  if (draft.ctx.policy.openPr !== "turn-end" || isOver(record) || record.launch.stopping) return "no";
  // Its commits can't go where its pull request comes from.
  if (hasOpenPr(record) && record.pr.snapshot?.info.fork !== undefined) return "no";
  // What is committed after that is on a forge only once it is pushed.
  if (hasOpenPr(record) && !draft.ctx.policy.isRemote) return "no";
  const over = turnOverSince(record);
  if (over === null) return "no";
  // After a merge and a restore, what was seen before may be older than what was merged.
  const since = toIso(latest(over, record.pr.snapshot === null ? null : record.launch.last?.startedAt));
  const seen = workSeenSince(record, since);
  if (seen === null) return "unknown";
  // Its pull request is of its own branch, and would lack these commits.
  if (strayBranch(record) !== null || isDetached(record)) return "no";
  // The pull request of this very head was merged, or closed by a human: it is not opened again behind their back.
  const headSha = record.work?.headSha ?? null;
  if (seen === "unanswered" || headSha === null || !hasNewCommits(record)) return "no";
  if (record.pr.askedFor !== headSha) return "yes";
  const retryAt = failureAtHead(record)?.retryAt;
  if (!retryAt) return "no";
  return draft.ctx.nowMs >= at(retryAt) ? "yes" : "no";
}

/** Why no pull request could be opened for the commit that it is at. */
function failureAtHead({ work, pr: { openFailure: prFailure } }: SessionRecord): ScmFailure | null {
  return prFailure && prFailure.headSha === work?.headSha ? prFailure : null;
}

/** One is about to be asked for, or was and has neither been seen nor failed. */
export function isPrComing(record: SessionRecord, draft: Pick<Draft, "ctx">): boolean {
  if (wantsPr(record, draft) === "yes") return true;
  const { work } = record;
  const { askedFor: prAskedFor, openFailure: prFailure, snapshot: pr } = record.pr;
  const hasFailed = prFailure && !prFailure.retryAt && prFailure.isTriedAgain !== true;
  if (!prAskedFor || prAskedFor !== work?.headSha || hasFailed) return false;
  return pr === null || pr.headSha !== prAskedFor;
}

function turnOverSince(record: SessionRecord): string | null {
  const report = currentReport(record);
  if (report?.state === "done") return report.at;
  // Cut short, and to be gone on with.
  if (isLimited(record) || record.limits.hold || turnFailureOf(record) !== null) return null;
  return record.turnStartedAt === null ? record.turnEndedAt : null;
}

interface MergeWish {
  headSha: string;
  method: MergeMethod | null;
  isAuto: boolean;
}

/** Merges exactly this head, once at a time. */
export function mergeHead(draft: Draft, wish: MergeWish): void {
  const { record, ctx } = draft;
  if (record.pr.merging) return;
  const method = wish.method ?? ctx.policy.mergeMethod;
  const { mergeFailure } = record.pr;
  const attempts = mergeFailure?.headSha === wish.headSha ? (mergeFailure.attempts ?? 1) : 0;
  const { headSha, isAuto } = wish;
  patch(draft, { pr: { merging: { headSha, isAuto, at: draft.now, attempts }, mergeFailure: null } });
  act(draft, { kind: "merge", key: `merge:${record.id}:${headSha}`, ...wish, method });
}

/** The pull request was merged, by whomever: the session has reached its end, and its issue too. */
export function finishMerged(draft: Draft): void {
  const { before, record } = draft;
  if (record.pr.snapshot?.state !== "merged" || wasMerged(before, record)) return;
  // The merge that was under way was ours, whoever told of it first.
  const own = record.pr.merging ? (record.pr.merging.isAuto ? "ao" : "user") : record.pr.queued?.by;
  const by = record.pr.mergedBy ?? own ?? "world";
  patch(draft, { pr: { merging: null, queued: null, mergedBy: by === "world" ? null : by } });
  const { number } = record.pr.snapshot.info;
  if (record.ending === null) {
    end(draft, { status: "merged", by, reason: `${prName({ number })} was merged`, at: draft.now });
  }
  closeIssue(draft);
}

const wasMerged = (before: SessionRecord, record: SessionRecord): boolean =>
  before.pr.snapshot?.state === "merged" && before.pr.snapshot.info.number === record.pr.snapshot?.info.number;

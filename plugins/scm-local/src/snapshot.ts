import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { toIso } from "@agent-orchestrator/core/host/clock";
import type { CICheck, PRSnapshot, PRState } from "@agent-orchestrator/core/model/pull-request";
import { contains } from "./branch-facts.ts";
import { checksOf } from "./ci/job.ts";
import { planOf } from "./ci/run-job.ts";
import { type Desk, infoOf, type Tips, tipsOf, urlOf } from "./desk.ts";
import { ciStatusOf, judgeReadiness } from "./readiness.ts";
import type { PRRecord } from "./records.ts";
import type { Repository } from "./repository.ts";
import { decideReview, toComment, toReview } from "./review.ts";

const NO_FACTS = { commitsAhead: 0, conflicts: [] as string[], touchesGuardedFiles: false };

/** Everything about one pull request, from the refs and files as they are now. */
export async function readSnapshot(desk: Desk, repository: Repository, record: PRRecord): Promise<PRSnapshot> {
  const tips = tipsOf(repository, record);
  const { base, upstream } = tips;
  const headSha = record.state === "open" ? (tips.head?.sha ?? record.headSha) : record.headSha;
  const isLive = record.state === "open" && tips.head !== null && base !== null;
  const facts = isLive ? await desk.facts(repository, { head: headSha, base, upstream }) : NO_FACTS;
  const wasMerged = await isMergedOutside(repository, { record, base, isBehind: facts.commitsAhead === 0 });
  const now: PRRecord = wasMerged ? { ...record, state: "merged" } : record;
  const checks = readChecks(desk, headSha, base !== null && base !== headSha);
  const review = decideReview(now, headSha, desk.options.requiredReviews);
  const ci = ciStatusOf(checks);
  const url = urlOf(desk, record.number);
  return {
    info: infoOf(desk, now),
    state: stateOf(now),
    headSha,
    baseSha: base,
    ci,
    checks,
    review,
    reviews: now.reviews.map(toReview),
    comments: now.comments.filter((comment) => !comment.isResolved).map((comment) => toComment(comment, url)),
    botComments: [],
    hasConflicts: now.state === "open" && isLive ? facts.conflicts.length > 0 : false,
    readiness: judgeReadiness({
      record: now,
      hasBranch: tips.head !== null,
      hasBase: base !== null,
      ...facts,
      ci,
      checks,
      review,
    }),
    headAt: headAtOf(now, headSha, tips),
    ...(now.mergedAt === null ? {} : { mergedAt: now.mergedAt }),
    touchesGuardedFiles: facts.touchesGuardedFiles,
  };
}

export const stateOf = (record: PRRecord): PRState =>
  record.state === "open" && record.isDraft ? "draft" : record.state;

interface Outside {
  record: PRRecord;
  base: string | null;
  isBehind: boolean;
}

/** The user merged it with git, or on another machine: its last head is in the base, and nothing came after it. */
function isMergedOutside(repository: Repository, { record, base, isBehind }: Outside): Promise<boolean> {
  if (record.state !== "open" || base === null || !isBehind) return Promise.resolve(false);
  return contains(repository, base, record.headSha);
}

export function readChecks(desk: Desk, head: string, hasBase: boolean): CICheck[] {
  return checksOf({
    plan: planOf(desk),
    head,
    hasBase,
    live: desk.live.run,
    urlOfLog: (log) => pathToFileURL(join(desk.context.stateDir, log)).href,
  });
}

function headAtOf(record: PRRecord, headSha: string, tips: Tips): string {
  return record.headSha === headSha || tips.head === null ? record.headAt : toIso(tips.head.atMs);
}

/** Answers from memory whatever did not change: a stat per branch, no process. */
export function createSnapshots(desk: Desk): (records: readonly (PRRecord | null)[]) => Promise<(PRSnapshot | null)[]> {
  const known = new Map<number, { key: string; snapshot: PRSnapshot }>();

  async function one(repository: Repository, record: PRRecord): Promise<PRSnapshot | null> {
    const key = keyOf(desk, repository, record);
    const before = known.get(record.number);
    if (before?.key === key) return before.snapshot;
    try {
      const snapshot = await readSnapshot(desk, repository, record);
      known.set(record.number, { key, snapshot });
      return snapshot;
    } catch (error) {
      desk.context.log.warn(`pull request ${record.number} could not be read`, { error: String(error).slice(0, 500) });
      return null;
    }
  }

  return async (records) => {
    const repository = await desk.repository();
    const answers: (PRSnapshot | null)[] = [];
    for (const record of records) answers.push(record === null ? null : await one(repository, record));
    return answers;
  };
}

function keyOf(desk: Desk, repository: Repository, record: PRRecord): string {
  const revision = desk.prs.revision(String(record.number));
  if (record.state !== "open") return `${revision}`;
  const { head, base, upstream } = tipsOf(repository, record);
  const live = desk.live.run?.sha === head?.sha ? `${desk.live.run?.current}` : "";
  return [revision, head?.sha, base, upstream, desk.checks.revision(head?.sha ?? record.headSha), live].join(" ");
}

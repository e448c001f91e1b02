import type { PRSnapshot } from "../../model/pull-request.ts";
import { ciOf, describePrevented, failingChecks, preventedChecks } from "../ci.ts";
import { type Draft, patch, wakeAt } from "../draft.ts";
import { latest, newBaseOf, prName } from "../facts-of.ts";
import { describeQueue } from "../lifecycle/merge-queue.ts";
import { plural } from "../text.ts";
import { type Change, type EventRule, event } from "./change.ts";

const name = (pr: PRSnapshot): string => prName(pr.info);
const facts = (pr: PRSnapshot) => ({ pr: pr.info.number, url: pr.info.url, headSha: pr.headSha });

/** The snapshot before, of the same pull request. */
const earlier = ({ before, after }: Change): PRSnapshot | null =>
  before.pr.snapshot !== null && before.pr.snapshot.info.number === after.pr.snapshot?.info.number
    ? before.pr.snapshot
    : null;

const isOpen = (pr: PRSnapshot): boolean => pr.state === "open" || pr.state === "draft";

const created: EventRule = (change) => {
  const { id } = change.after;
  const { snapshot: pr } = change.after.pr;
  if (pr === null || earlier(change) !== null) return null;
  const { title, branch, baseBranch } = pr.info;
  return event("pr.created", `${id} opened ${name(pr)}: ${title}`, { ...facts(pr), title, branch, baseBranch });
};

const updated: EventRule = (change) => {
  const { id } = change.after;
  const { snapshot: pr } = change.after.pr;
  const old = earlier(change);
  if (pr === null || old === null || !isOpen(pr)) return null;
  const { baseBranch } = pr.info;
  const what: string[] = [];
  const toldHead = toldHeadOf(change);
  if (toldHead !== pr.headSha && isHeadNews(change)) what.push(`has new commits (${pr.headSha.slice(0, 7)})`);
  else if (old.state !== pr.state) what.push(`is ${pr.state} now`);
  if (old.info.baseBranch !== baseBranch) what.push(`is ${newBaseOf(change.after, pr)}`);
  what.push(...queueChange(change));
  if (what.length === 0) return null;
  return event("pr.updated", `${id}: ${name(pr)} ${what.join(" and ")}`, {
    ...facts(pr),
    baseBranch,
    was: { headSha: toldHead, state: old.state, baseBranch: old.info.baseBranch },
  });
};

/** The head that listeners know of. */
function toldHeadOf({ before, after }: Pick<Change, "before" | "after">): string | null {
  const { toldHead, snapshot: pr } = before.pr;
  const number = after.pr.snapshot?.info.number;
  if (toldHead !== undefined && toldHead.pr === number) return toldHead.headSha;
  return pr?.info.number === number ? (pr?.headSha ?? null) : null;
}

/** Commits in the middle of a turn are told of this rarely. The last ones are told of at the end of the turn. */
const TOLD_EVERY_MS = 600_000;

/** When the next one that comes during this turn is told of. */
const headDueMs = ({ before, after }: Change): number =>
  before.pr.toldHead?.pr === after.pr.snapshot?.info.number && after.turnStartedAt !== null
    ? latest(before.pr.toldHead?.at) + TOLD_EVERY_MS
    : 0;

const isHeadNews = (change: Change): boolean => change.ctx.nowMs >= headDueMs(change);

/** Remembers which head was told of, and comes back when one that was not is due. */
export function noteToldHead(draft: Draft): void {
  const { before, ctx, record, now } = draft;
  const { snapshot: pr } = record.pr;
  if (pr === null || !isOpen(pr) || before.pr.snapshot?.info.number !== pr.info.number) return;
  const change = { before, after: record, ctx, because: "" };
  if (toldHeadOf(change) === pr.headSha) return;
  if (isHeadNews(change)) patch(draft, { pr: { toldHead: { pr: pr.info.number, headSha: pr.headSha, at: now } } });
  else wakeAt(draft, headDueMs(change));
}

/** Into the merge queue, and out of it again. */
function queueChange({ before, after }: Change): string[] {
  const [was, is] = [describeQueue(before), describeQueue(after)];
  if ((was === null) === (is === null)) return [];
  return [is === null ? "is not in the merge queue any more" : `is ${is}`];
}

const closed: EventRule = (change) => {
  const { id } = change.after;
  const { snapshot: pr } = change.after.pr;
  if (pr?.state !== "closed" || earlier(change)?.state === "closed") return null;
  return event("pr.closed", `${id}: ${name(pr)} was closed without a merge`, facts(pr));
};

const merged: EventRule = (change) => {
  const { id } = change.after;
  const { snapshot: pr } = change.after.pr;
  if (pr?.state !== "merged" || earlier(change)?.state === "merged") return null;
  return event("pr.merged", `${id}: ${name(pr)} was merged into ${pr.info.baseBranch}`, {
    ...facts(pr),
    mergedAt: pr.mergedAt ?? null,
  });
};

const completed: EventRule = ({ before, after }) => {
  if (!after.pr.mergedBy || before.pr.mergedBy || after.pr.snapshot === null) return null;
  const data = { ...facts(after.pr.snapshot), by: after.pr.mergedBy };
  return event("merge.completed", `${after.id}: ${name(after.pr.snapshot)} was merged by ${after.pr.mergedBy}`, data);
};

const ci: EventRule = (change) => {
  const { after, before, ctx } = change;
  const pr = after.pr.snapshot;
  if (pr === null || !isOpen(pr)) return null;
  const now = ciOf(after, ctx).ci;
  if (now !== "failing" && now !== "passing") return null;
  const old = earlier(change);
  const key = (each: PRSnapshot) =>
    failingChecks(each)
      .map((check) => `${check.name}#${check.attempt ?? 1}`)
      .join(" ");
  if (old !== null && old.headSha === pr.headSha && ciOf(before, ctx).ci === now && key(old) === key(pr)) return null;
  if (now === "passing")
    return event("ci.passing", `${after.id}: checks pass on ${name(pr)}`, { ...facts(pr), checks: pr.checks });
  const checks = failingChecks(pr);
  const message = `${after.id}: ${plural(checks.length, "check")} failing on ${name(pr)}: ${checks.map((each) => each.name).join(", ")}`;
  return event("ci.failing", message, { ...facts(pr), checks, baseFailures: after.pr.baseFailures });
};

const blocked: EventRule = (change) => {
  const { after, before, ctx } = change;
  const { snapshot: pr } = after.pr;
  if (pr === null || !isOpen(pr) || ciOf(after, ctx).ci !== "pending") return null;
  const what = describePrevented(preventedChecks(pr));
  const old = earlier(change);
  const wasBlocked =
    old !== null && ciOf(before, ctx).ci === "pending" && describePrevented(preventedChecks(old)) === what;
  if (what === "" || wasBlocked) return null;
  return event("ci.blocked", `${after.id}: CI cannot run on ${name(pr)} (${what})`, {
    ...facts(pr),
    checks: preventedChecks(pr),
  });
};

const conflicts: EventRule = (change) => {
  const { id } = change.after;
  const { snapshot: pr } = change.after.pr;
  if (pr === null || pr.hasConflicts !== true || !isOpen(pr)) return null;
  if (earlier(change)?.hasConflicts === true) return null;
  return event("merge.conflicts", `${id}: ${name(pr)} conflicts with ${pr.info.baseBranch}`, {
    ...facts(pr),
    baseSha: pr.baseSha,
  });
};

const ready: EventRule = ({ before, after, because }) => {
  if (after.status !== "mergeable" || after.pr.snapshot === null) return null;
  if (before.status === "mergeable" && before.pr.snapshot?.headSha === after.pr.snapshot.headSha) return null;
  return event("merge.ready", `${after.id}: ${name(after.pr.snapshot)} can be merged`, {
    ...facts(after.pr.snapshot),
    because,
  });
};

export const PR_EVENTS: readonly EventRule[] = [
  created,
  updated,
  ci,
  blocked,
  conflicts,
  ready,
  completed,
  merged,
  closed,
];

import type { PRSnapshot } from "../../model/pull-request.ts";
import type { SessionRecord, Work } from "../../model/session.ts";
import { at, type Iso, toIso } from "../../model/time.ts";
import { type Draft, type FactOf, note, patch } from "../draft.ts";
import { keysText, latest, newBaseOf, prName } from "../facts-of.ts";
import { boundLog } from "../message-texts/log.ts";
import { same } from "../same.ts";
import { progress, touch } from "./pace.ts";

/** An answer that brought nothing new moves the time of the last answer only this often. */
const SEEN_GRAIN_MS = 300_000;

export function applyWork(draft: Draft, { work: { sharedConfigBefore, ...seen } }: FactOf<"work">): void {
  const known = draft.record.work;
  // Where it could not be read this time, the last known one counts.
  const sharedConfig = seen.sharedConfig ?? known?.sharedConfig;
  const work: Work = { ...seen, ...(sharedConfig === undefined ? {} : { sharedConfig }) };
  if (known !== null) {
    if (at(work.at) < at(known.at)) return;
    if (same({ ...known, at: "" }, { ...work, at: "" }) && !isAwaited(draft.record, known.at)) return;
    if (known.headSha !== work.headSha) progress(draft, work.at);
  }
  noteConfigChange(draft, work, known?.sharedConfig ?? sharedConfigBefore);
  patch(draft, { work });
}

const MAX_CHANGED = 20;

/** Whoever it was: the config holds for the agent, for the user's own checkout and for all other sessions. */
function noteConfigChange(draft: Draft, { sharedConfig: now, at: when }: Work, before: Work["sharedConfig"]): void {
  if (now === undefined || before === undefined) return;
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((key) => before[key] !== now[key])
    .sort();
  if (keys.length === 0) return;
  const earlier = (draft.record.configChanged?.keys ?? []).filter((key) => !keys.includes(key));
  patch(draft, { configChanged: { keys: [...earlier, ...keys].slice(-MAX_CHANGED), at: when } });
  note(draft, `The git config that its checkout shares with the repository has changed: ${keysText(keys)}.`);
}

/** Whether some decision waits for an answer that is newer than the one of `seenAt`. */
function isAwaited(record: SessionRecord, seenAt: Iso | null): boolean {
  const { turnEndedAt, report, activity, repositoryChangedAt } = record;
  const { last: launch } = record.launch;
  const awaited = latest(
    turnEndedAt,
    launch?.startedAt,
    launch?.exit?.at,
    report?.at,
    activity?.since,
    repositoryChangedAt,
  );
  return awaited > latest(seenAt);
}

export function applyPr(draft: Draft, { snapshot, at: when }: Pick<FactOf<"pr">, "snapshot" | "at">): void {
  const { snapshot: pr } = draft.record.pr;
  answered(draft, when);
  if (pr !== null && same(pr, snapshot)) return;
  // No forge takes a merge back: an answer that says so is from before it.
  const isOther = pr !== null && pr.info.number !== snapshot.info.number;
  if (pr?.state === "merged" && !isOther && snapshot.state !== "merged") return;
  if (isOther && !followPr(draft, pr, snapshot)) return;
  followBase(draft, snapshot);
  const isNewHead = pr === null || pr.headSha !== snapshot.headSha || isOther;
  if (isNewHead) patch(draft, { pr: { headSince: snapshot.headAt ?? when, checkLogs: {} } });
  const baseFailures = snapshot.checks.filter((check) => check.status === "failed" && check.failsOnBase === true);
  patch(draft, { pr: { snapshot, seenAt: when, baseFailures } });
  touch(draft, when);
}

/** Another pull request takes the place of one that is over, which becomes history. False: the answer is about that history. */
function followPr(draft: Draft, { info, state, headSha }: PRSnapshot, next: PRSnapshot): boolean {
  const former = draft.record.pr.earlier ?? [];
  if (former.some(({ number }) => number === next.info.number)) return false;
  const { number, url, baseBranch } = info;
  patch(draft, {
    pr: {
      earlier: [...former, { number, url, state, headSha, baseBranch }],
      openFailure: null,
      mergeFailure: null,
      mergedBy: null,
    },
  });
  return true;
}

/** What it is to be merged into is the scm's word: the base may have been merged itself. */
function followBase(draft: Draft, snapshot: PRSnapshot): void {
  const { record } = draft;
  const { info } = snapshot;
  if (record.baseBranch === info.baseBranch) return;
  const hadBase = record.pr.snapshot?.info.number === info.number || record.baseBranch !== null;
  patch(draft, { baseBranch: info.baseBranch });
  if (hadBase) note(draft, `${prName(info)} is ${newBaseOf(record, snapshot)}.`);
}

/** The branch has none. One that was open is gone; what was merged or closed stays as it was. */
export function applyNoPr(draft: Draft, { at: when }: FactOf<"pr-none">): void {
  answered(draft, when);
  const { snapshot: pr } = draft.record.pr;
  if (pr?.state === "open" || pr?.state === "draft")
    patch(draft, { pr: { snapshot: { ...pr, state: "closed" }, seenAt: when } });
}

function answered(draft: Draft, when: Iso): void {
  const { seenAt: prSeenAt, unansweredSince: prUnansweredSince } = draft.record.pr;
  if (prUnansweredSince !== null) {
    patch(draft, { pr: { unansweredSince: null, unansweredWhy: null, gapEndedAt: when, seenAt: when } });
  }
  const seen = latest(prSeenAt);
  const isAwaitedNow = isAwaited(draft.record, prSeenAt) || seen < draft.ctx.watchedSinceMs;
  if (isAwaitedNow || at(when) - seen >= SEEN_GRAIN_MS) patch(draft, { pr: { seenAt: when } });
}

export function applyCheckLog(draft: Draft, fact: FactOf<"check-log">): void {
  const { snapshot: pr, checkLogs } = draft.record.pr;
  if (pr === null || pr.headSha !== fact.headSha) return;
  patch(draft, { pr: { checkLogs: { ...checkLogs, [fact.key]: fact.log === null ? null : boundLog(fact.log) } } });
}

export function applyConflicts(draft: Draft, { headSha, baseSha, found }: FactOf<"conflicts">): void {
  if (draft.record.pr.snapshot?.headSha === headSha)
    patch(draft, { pr: { conflictDetails: { headSha, baseSha, found } } });
}

export function applyUnanswered(draft: Draft, fact: FactOf<"unanswered">): void {
  const { work, workUnansweredAt } = draft.record;
  const { unansweredSince: prUnansweredSince } = draft.record.pr;
  if (fact.question === "pr" && prUnansweredSince === null) {
    patch(draft, { pr: { unansweredSince: fact.at, unansweredWhy: fact.failure.message } });
  }
  const known = latest(work?.at, workUnansweredAt);
  if (fact.question === "work" && isAwaited(draft.record, toIso(known))) {
    patch(draft, { workUnansweredAt: fact.at });
  }
}

import { DEFAULT_REACTIONS } from "../model/config-reactions.ts";
import type { EventDraft, EventType } from "../model/event.ts";
import { isCutAtLimit } from "../model/limit-cut.ts";
import type { DecideContext } from "../model/policy.ts";
import type { Episode, ReactionKey } from "../model/reaction.ts";
import type { SessionRecord } from "../model/session.ts";
import type { Attention, Priority } from "../model/status.ts";
import type { Iso } from "../model/time.ts";
import { CAUSE, notDone } from "./causes.ts";
import { type Draft, patch } from "./draft.ts";
import { endedByInterrupt, hasOpenPr, isDetached, isOver, prName, strayBranch } from "./facts-of.ts";
import { heldRequests } from "./held-comments.ts";
import { describeLeftRunning } from "./left-running.ts";
import { isHiccup } from "./lifecycle/try-again.ts";
import { noResult } from "./no-result.ts";
import { justDid, markTold, tell } from "./notify.ts";
import { forgottenDraft } from "./old-draft.ts";
import { answerHint, questionLine } from "./question.ts";
import { othersCause } from "./reactions/reviews.ts";
import { ruleOf } from "./reactions/rules.ts";
import { reviewWait } from "./review-wait.ts";
import { deriveStatus } from "./status.ts";
import { plural } from "./text.ts";
import { describeTurnFailure, helpForTurnFailure, turnFailureOf } from "./turn-failure.ts";
import { describeLimit, handoffHint, isLimited } from "./vendor-limit.ts";

/**
 * `cause` names what the user is told of, once, when nothing else has told of it; null where an event or a reaction always does.
 * `isOwnDoing`: the user has just done it through `ao`, and knows.
 */
export type Look = Omit<Attention, "since"> & { cause: string | null; event?: EventType; isOwnDoing?: boolean };
type Rule = (record: SessionRecord, ctx: DecideContext) => Look | null;
type More = Partial<Pick<Look, "cause" | "event" | "isOwnDoing">>;

const look = (level: Priority, words: { reason: string; hint: string }, more: More = {}): Look => ({
  level,
  ...words,
  cause: null,
  ...more,
});
const because = (record: SessionRecord, ctx: DecideContext): string => deriveStatus(record, ctx).because;

/** What the user should look at, the worst first, each with the command to type. First match wins. */
const RULES: readonly Rule[] = [
  (record) => {
    if (record.status !== "needs_input" || turnFailureOf(record) === null) return null;
    return look("urgent", { reason: describeTurnFailure(record), hint: helpForTurnFailure(record).hint });
  },
  (record, ctx) => {
    if (record.status !== "needs_input") return null;
    const asks = `asks: ${questionLine(record) || because(record, ctx)}`;
    if (!record.limits.hold || !isCutAtLimit(record)) return look("urgent", { reason: asks, hint: answerHint(record) });
    return look("urgent", { reason: `paused: ${record.limits.hold.reason}; ${asks}`, hint: `ao resume ${record.id}` });
  },
  (record, ctx) => {
    if (record.status !== "stuck" || endedByInterrupt(record)) return null;
    const isGone = record.statusRule === "agent-gone";
    return look("urgent", { reason: because(record, ctx), hint: `ao ${isGone ? "restore" : "attach"} ${record.id}` });
  },
  // What is queued says why among the queued.
  ({ id, phase, limits: { hold: limit } }) =>
    limit && phase !== "queued" ? look("urgent", { reason: `paused: ${limit.reason}`, hint: `ao resume ${id}` }) : null,
  ofLostPredecessor,
  ofEnding,
  (record) => ofEpisodes(record, (episode) => episode.escalatedAt !== null),
  (record, ctx) => {
    const found = isOver(record) ? null : forgottenDraft(record, ctx);
    return found && look("action", { reason: found.reason, hint: `ao attach ${record.id}` }, { cause: found.cause });
  },
  (record, ctx) => {
    if (!record.removalFailure || record.phase !== "ended") return null;
    const { reason } = record.removalFailure;
    const words = { reason: `its checkout could not be removed: ${reason}`, hint: `ao kill --rm ${record.id}` };
    return look("action", words, { cause: `removal:${reason}`, isOwnDoing: justDid(record, ctx, "removed") });
  },
  ofMergeFailure,
  (record, ctx) =>
    record.status === "mergeable"
      ? look("action", { reason: because(record, ctx), hint: `ao merge ${record.id}` }, { cause: CAUSE.ready(record) })
      : null,
  ofOthers,
  (record) => ofEpisodes(record, (episode) => episode.notifiedAt !== null && isForHuman(episode.reaction)),
  (record) => {
    const { id, branch, stray } = record;
    if (isOver(record) || record.turnStartedAt !== null) return null;
    if (isDetached(record)) {
      const words = { reason: "its commits are on no branch", hint: `ao exec ${id} -- git switch -c ${branch}-more` };
      return look("action", words, { cause: `detached:${record.work?.headSha}` });
    }
    if (!stray?.reason || strayBranch(record) !== stray.branch) return null;
    const reason = `its checkout is on ${stray.branch}, not on ${branch} (${stray.reason})`;
    return look(
      "action",
      { reason, hint: `ao exec ${id} -- git switch ${branch}` },
      { cause: `stray:${stray.branch}` },
    );
  },
  (record) => {
    if (!record.pr.openFailure || hasOpenPr(record) || record.ending !== null) return null;
    const { reason } = record.pr.openFailure;
    if (isHiccup(record.pr.openFailure)) {
      const text = `no pull request yet, and it is tried again: ${reason}`;
      return look("info", { reason: text, hint: `ao explain ${record.id}` });
    }
    return look(
      "action",
      { reason: `no pull request: ${reason}`, hint: `ao show ${record.id}` },
      { cause: `no-pr:${reason}` },
    );
  },
  ({ id, pr: { readyFailure, snapshot: pr } }) => {
    if (!readyFailure || pr?.state !== "draft" || pr.info.number !== readyFailure.pr) return null;
    if (isHiccup(readyFailure)) {
      const text = `marking ${prName(pr.info)} as ready for review is tried again: ${readyFailure.reason}`;
      return look("info", { reason: text, hint: `ao explain ${id}` });
    }
    const reason = `${prName(pr.info)} could not be marked as ready for review: ${readyFailure.reason}`;
    return look(
      "action",
      { reason, hint: `ao ready ${id}` },
      { cause: `not-ready:${pr.info.number}:${readyFailure.reason}` },
    );
  },
  ofBase,
  (record) => {
    const reason = describeLeftRunning(record);
    return reason === null ? null : look("info", { reason, hint: `ao interrupt --kill ${record.id}` });
  },
  ofReview,
  (record, ctx) => {
    const found = noResult(record, ctx);
    return found && look("action", { reason: found.reason, hint: `ao show ${record.id}` }, { cause: found.cause });
  },
  (record) => {
    if (record.pr.unansweredSince === null || !record.pr.unansweredWhy || isOver(record)) return null;
    return look("info", { reason: record.pr.unansweredWhy, hint: `ao explain ${record.id}` });
  },
  (record, ctx) =>
    isLimited(record) ? look("info", { reason: describeLimit(record, ctx), hint: handoffHint(record) }) : null,
];

/** It would wait for ever, unless somebody does something. */
function ofLostPredecessor({ phase, afterLost }: SessionRecord): Look | null {
  if (phase !== "queued" || !afterLost) return null;
  const { reason, hint, cause } = afterLost;
  return look("action", { reason, hint }, { cause });
}

function ofEnding(record: SessionRecord): Look | null {
  const { ending, id } = record;
  if (ending === null) return null;
  const words = { reason: ending.reason, hint: `ao restore ${id}` };
  const cause = { cause: CAUSE.exit(record) };
  if (ending.status === "errored") return look("urgent", words, cause);
  const isUnwanted = ending.status === "terminated" || (ending.status === "killed" && ending.by !== "user");
  return isUnwanted ? look("action", words, cause) : null;
}

function ofMergeFailure(record: SessionRecord, ctx: DecideContext): Look | null {
  const { id } = record;
  const { mergeFailure, snapshot: pr } = record.pr;
  if (!mergeFailure || mergeFailure.headSha !== pr?.headSha || !hasOpenPr(record) || isHiccup(mergeFailure))
    return null;
  // That was the reason, and it is told and answered under its own name.
  if (pr?.hasConflicts === true) return null;
  const { reason, headSha } = mergeFailure;
  // Where the reaction merged, it has told of its failure under its own name.
  const isAuto = (record.episodes["approved-and-green"]?.sends ?? 0) > 0;
  const cause = isAuto ? notDone(CAUSE.ready(record)) : `merge:${headSha}:${reason}`;
  const isOwnDoing = justDid(record, ctx, "merged");
  return look("action", { reason: `merging failed: ${reason}`, hint: `ao merge ${id}` }, { cause, isOwnDoing });
}

/** A merge would go into a branch that is done with. */
function ofBase(record: SessionRecord): Look | null {
  const { baseMove, snapshot: pr } = record.pr;
  const failure = baseMove?.failure;
  if (!failure || isHiccup(failure) || pr === null || !hasOpenPr(record)) return null;
  if (pr.info.baseBranch !== baseMove.from) return null;
  const reason = `${prName(pr.info)} is still based on ${baseMove.from}, which was merged: ${failure.reason}`;
  const words = { reason, hint: `ao show ${record.id}` };
  return look("action", words, { cause: `base:${baseMove.asked}` });
}

/** People who may not cause a send have asked for something. */
function ofOthers(record: SessionRecord): Look | null {
  const { reviews, comments } = heldRequests(record);
  const held = [...reviews, ...comments];
  const [first] = held;
  if (record.pr.snapshot === null || first === undefined) return null;
  const words = {
    reason: `${plural(held.length, "comment is", "comments are")} held: ${first.author} may not instruct the agent`,
    hint: `ao review held ${record.id}`,
  };
  return look("action", words, { cause: othersCause(record.pr.snapshot) });
}

function ofReview(record: SessionRecord, ctx: DecideContext): Look | null {
  const wait = reviewWait(record, ctx);
  if (wait === null) return null;
  const { cause, reason, isForUser, isReviewed } = wait;
  const hint = `ao diff ${record.id}, then ao review ${record.id} --approve`;
  const isOwnDoing = isReviewed && justDid(record, ctx, "reviewed");
  return look(isForUser ? "action" : "info", { reason, hint }, { cause, isOwnDoing, event: "review.pending" });
}

function ofEpisodes(record: SessionRecord, fits: (episode: Episode) => boolean): Look | null {
  const episode = Object.values(record.episodes).find((each) => each !== undefined && fits(each));
  if (episode === undefined) return null;
  const hint = ruleOf(episode.reaction)?.hint?.(record.id) ?? `ao explain ${record.id}`;
  const problem = episode.problem ?? episode.reaction;
  if (episode.escalatedAt === null) return look("action", { reason: problem, hint });
  return look("urgent", { reason: `${problem} (${episode.reaction} gave up)`, hint });
}

/** A note of no weight needs nobody. */
const isForHuman = (key: ReactionKey): boolean => DEFAULT_REACTIONS[key].priority !== "info";

export function attentionOf(record: SessionRecord, ctx: DecideContext): Look | null {
  if (record.phase === "removing" || record.phase === "archived") return null;
  // The user is ending it at this moment.
  if (record.launch.stopping?.ending?.by === "user") return null;
  for (const rule of RULES) {
    const found = rule(record, ctx);
    if (found !== null) return found;
  }
  return null;
}

/** Keeps `since` while the reason for looking stays the same. What nothing has told of yet, the user is told now. */
export function updateAttention(draft: Draft): void {
  const found = attentionOf(draft.record, draft.ctx);
  const present = draft.record.attention;
  if (found === null) {
    patch(draft, { attention: null });
    return;
  }
  tellOnce(draft, found);
  const { level, reason, hint } = found;
  const isSame = present !== null && present.level === level && present.hint === hint;
  const since: Iso = isSame ? present.since : draft.now;
  patch(draft, { attention: { level, reason, hint, since } });
}

function tellOnce(draft: Draft, { cause, level, reason, hint, event, isOwnDoing = false }: Look): void {
  const { id, told = [] } = draft.record;
  if (cause === null || told.includes(cause)) return;
  const notice: EventDraft = {
    type: event ?? "attention.needed",
    priority: level,
    message: `${id}: ${reason}`,
    data: {
      reason,
      hint,
      pr: draft.record.pr.snapshot?.info.number ?? null,
      headSha: draft.record.pr.snapshot?.headSha ?? null,
    },
  };
  draft.events.push(notice);
  if (isOwnDoing) markTold(draft, cause);
  else tell(draft, notice, cause);
}

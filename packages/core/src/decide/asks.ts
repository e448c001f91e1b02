import type { PRSnapshot, ReviewComment } from "../model/pull-request.ts";
import type { SessionRecord } from "../model/session.ts";
import type { Ask } from "../model/session-pr.ts";
import { at, type Iso } from "../model/time.ts";
import { act, type Draft, type FactOf, isOver as hasPassed, note, patch } from "./draft.ts";
import { hasOpenPr, isOver } from "./facts-of.ts";
import { tryAgainAt } from "./lifecycle/try-again.ts";

/** `replyOnFix`: which review threads were sent to the agent, and what follows from its commits. */

/** A message with these comments is on its way. What is in no thread can't be replied to. */
export function noteAsked(draft: Draft, messageId: string, ids: Iterable<string>): void {
  const { record, ctx } = draft;
  if (!ctx.policy.replyOnFix || record.pr.snapshot === null) return;
  const threads = new Set(openThreadComments(record.pr.snapshot).map(({ id }) => id));
  const added = [...ids]
    .filter((id) => threads.has(id))
    .map((commentId): Ask => ({ commentId, messageId, taken: null }));
  if (added.length === 0) return;
  const sent = new Set(added.map(({ commentId }) => commentId));
  patch(draft, { pr: { asks: [...(record.pr.asks ?? []).filter(({ commentId }) => !sent.has(commentId)), ...added] } });
}

/** The agent has the message. Commits that were there before are no answer to it. */
export function noteTaken(draft: Draft, messageId: string, when: Iso): void {
  const { work } = draft.record;
  const { asks, snapshot: pr } = draft.record.pr;
  if (asks === undefined) return;
  const heads = [pr?.headSha, work?.headSha].filter((sha) => typeof sha === "string");
  const taken = { at: when, heads: [...new Set(heads)] };
  patch(draft, {
    pr: { asks: asks.map((ask) => (ask.messageId === messageId && ask.taken === null ? { ...ask, taken } : ask)) },
  });
}

/** The message never reached the agent. */
export function forgetAsked(draft: Draft, messageId: string): void {
  const { asks } = draft.record.pr;
  if (asks !== undefined) patch(draft, { pr: { asks: asks.filter((ask) => ask.messageId !== messageId) } });
}

/** The turn that followed the message is over, and the pull request has commits of it: each thread gets one reply. */
export function replyToFixes(draft: Draft): void {
  const { record, ctx } = draft;
  const { asks = [], snapshot: pr } = record.pr;
  if (asks.length === 0 || pr === null || !ctx.policy.replyOnFix || isOver(record)) return;
  if (!hasOpenPr(record)) {
    patch(draft, { pr: { asks: [] } });
    return;
  }
  if (ctx.policy.isPaused || record.isPaused || record.turnStartedAt !== null) return;
  const open = openThreadComments(pr);
  const isOpen = new Set(open.map(({ id }) => id));
  // Somebody has resolved it meanwhile.
  const left = asks.filter(({ commentId, taken, isReplying }) => taken === null || isReplying || isOpen.has(commentId));
  patch(draft, { pr: { asks: left } });
  for (const ask of left.filter((each) => !each.isReplying && isAnswered(record, pr, each))) {
    // What was written there since has not been answered.
    if (lastOf(threadOf(open, ask.commentId))?.id !== ask.commentId) continue;
    if (ask.retryAt === undefined || hasPassed(draft, ask.retryAt, 0)) reply(draft, pr, ask);
  }
}

/** By its key the scm finds a reply that was written, whatever the head is when it is tried again. */
function reply(draft: Draft, { headSha, info }: PRSnapshot, { commentId, messageId }: Ask): void {
  change(draft, commentId, { isReplying: true });
  const key = `reply:${draft.record.id}:${info.number}:${messageId}:${commentId}`;
  act(draft, { kind: "reply", key, commentId, headSha });
}

function change(draft: Draft, commentId: string, changes: Partial<Ask>): void {
  const { asks = [] } = draft.record.pr;
  patch(draft, {
    pr: { asks: asks.map((ask) => (ask.commentId === commentId ? ({ ...ask, ...changes } as Ask) : ask)) },
  });
}

/** Of a reply's key. An id may have any characters. */
const commentOf = (key: string): string => key.split(":").slice(4).join(":");

export function finishReply(draft: Draft, commentId: string): void {
  const { asks } = draft.record.pr;
  if (asks !== undefined) patch(draft, { pr: { asks: asks.filter((ask) => ask.commentId !== commentId) } });
}

/** Tried again if that may help. */
export function replyFailed(draft: Draft, { key, failure, at: when }: FactOf<"effect-failed">): void {
  const commentId = commentOf(key);
  const ask = draft.record.pr.asks?.find((each) => each.commentId === commentId);
  if (ask === undefined) return;
  const attempts = (ask.attempts ?? 0) + 1;
  const retryAt = tryAgainAt(failure, attempts, at(when));
  if (attempts === 1 || retryAt === null) note(draft, `Could not reply in a review thread: ${failure.message}`);
  if (retryAt === null) finishReply(draft, commentId);
  else change(draft, commentId, { isReplying: false, attempts, retryAt });
}

/** A forge's times may be whole seconds. */
const GRAIN_MS = 1000;

function isAnswered({ turnEndedAt }: SessionRecord, { headSha, headAt }: PRSnapshot, { taken }: Ask): boolean {
  if (taken === null || turnEndedAt === null || at(turnEndedAt) <= at(taken.at)) return false;
  if (taken.heads.includes(headSha)) return false;
  return headAt === undefined || at(headAt) + GRAIN_MS > at(taken.at);
}

const openThreadComments = ({ comments, botComments }: PRSnapshot): ReviewComment[] =>
  [...comments, ...botComments].filter(({ path, isResolved }) => path !== undefined && !isResolved);

/** The comments of one thread. An scm that does not name threads has one comment in each. */
function threadOf(open: readonly ReviewComment[], commentId: string): ReviewComment[] {
  const own = open.filter(({ id }) => id === commentId);
  const threadId = own[0]?.threadId;
  return threadId === undefined ? own : open.filter((comment) => comment.threadId === threadId);
}

const lastOf = (comments: readonly ReviewComment[]): ReviewComment | undefined =>
  comments.reduce<ReviewComment | undefined>(
    (last, each) => (last === undefined || at(each.createdAt) >= at(last.createdAt) ? each : last),
    undefined,
  );

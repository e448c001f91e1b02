import type { DecideContext } from "../model/policy.ts";
import type { Review, ReviewComment } from "../model/pull-request.ts";
import type { SessionRecord } from "../model/session.ts";
import type { HeldComment } from "../model/session-view.ts";
import type { Iso } from "../model/time.ts";
import { type Asked, askedByOthers } from "./asked.ts";
import { noteAsked } from "./asks.ts";
import { type Draft, patch } from "./draft.ts";
import { hasOpenPr } from "./facts-of.ts";
import { composeReleased } from "./message-texts/review.ts";
import { queueMessage } from "./messages.ts";
import { forgetPast } from "./reactions/episode.ts";
import { bound } from "./text.ts";

type Asking = Pick<SessionRecord, "pr">;

export const isReleased = ({ pr: { released = [] } }: Asking, id: string): boolean =>
  released.some((each) => each.id === id);

/** What people who may not instruct the agent ask for, as far as the user has not released it. */
export function heldRequests(record: SessionRecord): Asked {
  if (record.pr.snapshot === null || !hasOpenPr(record)) return { reviews: [], comments: [] };
  const { reviews, comments } = askedByOthers(record.pr.snapshot);
  const isHeld = ({ id }: { id: string }) => !isReleased(record, id);
  return { reviews: reviews.filter(isHeld), comments: comments.filter(isHeld) };
}

/** Everything that waits for the user's word, with what bots wrote whom the config does not name. Oldest first. */
export function heldComments(record: SessionRecord, ctx: DecideContext): HeldComment[] {
  const { reviews, comments } = heldRequests(record);
  const bots = hasOpenPr(record) ? (record.pr.snapshot?.botComments ?? []) : [];
  const trusted = new Set(ctx.policy.trustedBots);
  const strangers = bots.filter(
    ({ id, author, isResolved }) => !isResolved && !trusted.has(author) && !isReleased(record, id),
  );
  const held = [...reviews.map(ofReview), ...[...comments, ...strangers].map(ofComment)];
  return held.sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
}

const ofReview = ({ id, author, body, state, submittedAt }: Review): HeldComment => ({
  ...{ id, author, body, isBot: false, path: null, line: null, url: null, createdAt: submittedAt },
  isRequest: state === "changes_requested",
});

const ofComment = ({ id, author, body, isBot, path, line, url, createdAt }: ReviewComment): HeldComment => ({
  ...{ id, author, body, isBot: isBot === true, createdAt },
  ...{ path: path ?? null, line: line ?? null, url: url === "" ? null : url },
  isRequest: false,
});

/** The user lets these through to the agent. Each goes once. */
export function release(
  draft: Draft,
  { messageId, ids }: { messageId: string; ids: readonly string[] },
  when: Iso,
): void {
  const { record, ctx } = draft;
  const chosen = heldComments(record, ctx).filter(({ id }) => ids.includes(id));
  if (chosen.length === 0) return;
  forgetPast(draft);
  const text = bound(composeReleased(record, chosen));
  queueMessage(draft, { id: messageId, text, isUrgent: false, origin: "user", reaction: null }, when);
  noteAsked(
    draft,
    messageId,
    chosen.map(({ id }) => id),
  );
  patch(draft, { pr: { released: [...(record.pr.released ?? []), ...chosen.map(({ id }) => ({ id, messageId }))] } });
}

import { DEFAULT_RETRIES } from "../../model/config-reactions.ts";
import type { EventType } from "../../model/event.ts";
import type { Episode } from "../../model/reaction.ts";
import type { SessionRecord } from "../../model/session.ts";
import { noteAsked } from "../asks.ts";
import { type Draft, patch, wakeAt } from "../draft.ts";
import { latest } from "../facts-of.ts";
import { isUnsent, messageOf, queueMessage } from "../messages.ts";
import { bound, plural } from "../text.ts";
import { countSend, episodeOf, saveEpisode, sendsOf, takeBack } from "./episode.ts";
import { escalate, triggered } from "./inform.ts";
import { answeredFingerprint, answeredItems, isNews, type Problem, type ReactionRule } from "./rule.ts";

/** Sends a problem to the agent if it is news, or if a turn has ended and left it as it was. */
export function sendToAgent(draft: Draft, rule: ReactionRule, problem: Problem): void {
  if (problem.notBeforeMs !== undefined && draft.ctx.nowMs < problem.notBeforeMs) {
    wakeAt(draft, problem.notBeforeMs);
    return;
  }
  if (isWaitingForMessage(draft, rule, problem)) return;
  const episode = episodeOf(draft, rule.key);
  if (episode === undefined) return;
  const why = dueBecause(draft, rule, { episode, problem });
  if (why === null) return;
  // Once a turn: whatever comes up while the agent works on the last message is one message when it is done.
  if (episode.lastSendTurn !== null && !hasTurnEnded(draft.record, episode)) return;
  const max = draft.ctx.policy.limits?.reactions ?? null;
  const isOut = max !== null && (draft.record.messages.reactionSends ?? 0) >= max;
  const hasLeft = sendsOf(draft.record, rule, episode) < maxSends(draft, rule);
  if (!isOut && hasLeft && isTooSoon(draft, episode)) return;
  if (rule.notSolved !== undefined && episode.sends > 0) tellNotSolved(draft, rule.notSolved, { episode, problem });
  if (isOut) outOfMessages(draft, rule, { episode, problem });
  else if (hasLeft) send(draft, rule, { episode, problem });
  else if (hasTurnEnded(draft.record, episode)) {
    const sends = sendsOf(draft.record, rule, episode);
    escalate(draft, rule, { problem, reason: `still there after ${plural(sends, "attempt")}` });
  }
}

/** However quick the agent is, you have time to see what happens, and to step in. */
export const BETWEEN_SENDS_MS = 60_000;

/** Whether its last message went in less than a minute ago. The first one of a problem never waits. */
function isTooSoon(draft: Draft, { lastSendAt, lastMessageId }: Episode): boolean {
  if (lastSendAt === null) return false;
  const message = lastMessageId === null ? undefined : messageOf(draft.record, lastMessageId);
  const dueAt = latest(lastSendAt, message?.writtenAt) + BETWEEN_SENDS_MS;
  if (draft.ctx.nowMs >= dueAt) return false;
  wakeAt(draft, dueAt);
  return true;
}

/** Every reaction has a bound, whatever its fingerprint does. */
export function maxSends(draft: Draft, rule: ReactionRule): number {
  const { retries, escalateAfterSends } = draft.ctx.policy.reactions[rule.key];
  return Math.min((retries ?? DEFAULT_RETRIES) + 1, escalateAfterSends ?? Infinity);
}

/** The last message is on its way: news takes the place of one that waits; one that failed is the user's business. */
function isWaitingForMessage(draft: Draft, rule: ReactionRule, problem: Problem): boolean {
  const episode = episodeOf(draft, rule.key);
  const message = episode?.lastMessageId ? messageOf(draft.record, episode.lastMessageId) : undefined;
  if (episode === undefined || message === undefined) return false;
  if (message.state === "failed") {
    const reason = `it could not be sent: ${message.failure?.message ?? "the reason is unknown"}`;
    escalate(draft, rule, { problem, reason });
    return true;
  }
  if (isUnsent(message)) return !isNews(problem, episode) || !takeBack(draft, rule);
  return message.state === "writing";
}

/** The user takes over, with this problem as with one that was sent: only news begins it anew. */
function outOfMessages(draft: Draft, rule: ReactionRule, { episode, problem }: Sending): void {
  saveEpisode(draft, { ...episode, fingerprint: answeredFingerprint(problem, episode) });
  const reason = "the session has had all messages of limits.maxReactionsPerSession";
  escalate(draft, rule, { problem, reason });
}

interface Sending {
  episode: Episode;
  problem: Problem;
}

const hasTurnEnded = (record: SessionRecord, episode: Episode): boolean =>
  record.turnStartedAt === null && (episode.lastSendTurn === null || record.turns > episode.lastSendTurn);

function dueBecause(draft: Draft, rule: ReactionRule, { episode, problem }: Sending): "news" | "turn" | null {
  if (isNews(problem, episode)) return "news";
  if (rule.resendsAfterTurn !== true || episode.lastSendTurn === null) return null;
  if (!hasTurnEnded(draft.record, episode)) return null;
  const seen = rule.isSeenAfterTurn?.(draft.record, draft.ctx) ?? true;
  if (seen === true) return "turn";
  wakeAt(draft, seen.notBeforeMs);
  return null;
}

function send(draft: Draft, rule: ReactionRule, { episode, problem }: Sending): void {
  const { record, ctx } = draft;
  const count = (record.messages.reactionMessages ?? 0) + 1;
  const id = `${record.id}-${rule.key}-${count}`;
  const isRepeat = !isNews(problem, episode);
  const answered = isRepeat ? new Set<string>() : answeredItems(episode);
  const body = rule.compose(record, problem, answered);
  const own = ctx.policy.reactions[rule.key].message;
  patch(draft, { messages: { reactionMessages: count } });
  countSend(draft, rule, { episode, problem, messageId: id });
  triggered(draft, rule.key, { action: "send-to-agent", problem, messageId: id });
  const text = bound(own === null ? body : `${own.trim()}\n\n${body}`);
  queueMessage(draft, { id, text, isUrgent: false, origin: "reaction", reaction: rule.key }, draft.now);
  noteAsked(
    draft,
    id,
    (problem.items ?? []).filter((item) => !answered.has(item)),
  );
}

/** The agent had its chance, and it is there again or still. Told once for each send. */
function tellNotSolved(draft: Draft, type: EventType, { episode, problem }: Sending): void {
  const { record } = draft;
  const message = `${record.id}: still failing after ${episode.sends === 1 ? "a message" : `${episode.sends} messages`}`;
  const data = {
    pr: record.pr.snapshot?.info.number ?? null,
    headSha: record.pr.snapshot?.headSha ?? null,
    because: problem.because,
    sends: episode.sends,
    fingerprint: { before: episode.fingerprint, now: problem.fingerprint },
  };
  draft.events.push({ type, message, data });
}

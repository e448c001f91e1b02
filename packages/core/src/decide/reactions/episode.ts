import type { Episode, ReactionKey } from "../../model/reaction.ts";
import type { SessionRecord } from "../../model/session.ts";
import { at } from "../../model/time.ts";
import { type Draft, patch } from "../draft.ts";
import { turnNumber } from "../facts-of.ts";
import { isUnsent, messageOf, withdrawMessage } from "../messages.ts";
import { answeredFingerprint, type Problem, type ReactionRule } from "./rule.ts";

export const episodeOf = (draft: Draft, key: ReactionKey): Episode | undefined => draft.record.episodes[key];

export function saveEpisode(draft: Draft, episode: Episode): void {
  patch(draft, { episodes: { ...draft.record.episodes, [episode.reaction]: episode } });
}

/** A problem that comes back sooner than this was never really gone. */
export const GONE_FOR_MS = 600_000;

/** A problem is there: the same occurrence as a short while ago, or within the same turn, or a new one. */
export function openEpisode(draft: Draft, key: ReactionKey): Episode {
  const { [key]: past, ...others } = draft.record.pastEpisodes ?? {};
  if (past === undefined) return beginEpisode(draft, key);
  patch(draft, { pastEpisodes: others });
  if (!isSameOccurrence(draft, past)) return beginEpisode(draft, key);
  const { endedAt: _, endedTurn: __, ...same } = past;
  // Durations count while it is there.
  const episode: Episode = { ...same, clockFrom: draft.now, held: null };
  saveEpisode(draft, episode);
  return episode;
}

function isSameOccurrence({ record, ctx }: Draft, { endedAt, endedTurn }: Episode): boolean {
  const isSameTurn = record.turnStartedAt !== null && endedTurn !== undefined && turnNumber(record) <= endedTurn;
  if (isSameTurn) return true;
  return endedAt !== undefined && ctx.nowMs - at(endedAt) < GONE_FOR_MS;
}

/** The user has spoken to the agent: what it does from here on is another matter. */
export function forgetPast(draft: Draft): void {
  if (Object.keys(draft.record.pastEpisodes ?? {}).length > 0) patch(draft, { pastEpisodes: {} });
}

/** A new occurrence. What an earlier one has answered stays answered. */
export function beginEpisode(draft: Draft, key: ReactionKey, earlier?: Episode): Episode {
  const episode: Episode = {
    reaction: key,
    beganAt: draft.now,
    fingerprint: earlier?.fingerprint ?? "",
    sends: 0,
    lastSendAt: earlier?.lastSendAt ?? null,
    lastSendTurn: null,
    lastMessageId: null,
    notifiedAt: null,
    escalatedAt: null,
    held: null,
  };
  saveEpisode(draft, episode);
  return episode;
}

/** The problem is gone; a message about it that has not gone out is not sent any more. */
export function endEpisode(draft: Draft, rule: ReactionRule): void {
  const { key } = rule;
  if (episodeOf(draft, key) === undefined) return;
  takeBack(draft, rule);
  const { [key]: ended, ...others } = draft.record.episodes;
  patch(draft, { episodes: others });
  // Only what an agent was sent can go round in circles.
  if (ended === undefined || ended.sends === 0 || draft.ctx.policy.reactions[key].action !== "send-to-agent") return;
  const past = { ...ended, endedAt: draft.now, endedTurn: turnNumber(draft.record) };
  patch(draft, { pastEpisodes: { ...draft.record.pastEpisodes, [key]: past } });
}

/** Takes back the episode's message if not a byte of it went out; it then counts as never sent. */
export function takeBack(draft: Draft, rule: ReactionRule): boolean {
  const episode = episodeOf(draft, rule.key);
  const message = episode?.lastMessageId ? messageOf(draft.record, episode.lastMessageId) : undefined;
  if (episode === undefined || message === undefined || !isUnsent(message)) return false;
  withdrawMessage(draft, message.id);
  // What has started an agent again is not as if nothing had been done.
  const sends = message.restoredFor ? episode.sends : episode.sends - 1;
  saveEpisode(draft, {
    ...episode,
    fingerprint: episode.answeredBefore ?? "",
    sends,
    lastSendAt: sends === 0 ? null : episode.lastSendAt,
    lastSendTurn: episode.turnBefore ?? null,
    lastMessageId: null,
    sentHead: null,
  });
  countMessage(draft, -1);
  if (rule.countsPerPr === true) countRound(draft, -1);
  return true;
}

/** Writes a send into its episode. */
export function countSend(
  draft: Draft,
  rule: ReactionRule,
  sent: { episode: Episode; problem: Problem; messageId: string | null },
): void {
  const { episode } = sent;
  saveEpisode(draft, {
    ...episode,
    answeredBefore: episode.fingerprint,
    turnBefore: episode.lastSendTurn,
    fingerprint: answeredFingerprint(sent.problem, episode),
    sends: episode.sends + 1,
    lastSendAt: draft.now,
    lastSendTurn: null,
    lastMessageId: sent.messageId,
    sentHead: draft.record.pr.snapshot?.headSha ?? null,
    held: null,
  });
  if (sent.messageId !== null) countMessage(draft, 1);
  if (rule.countsPerPr === true) countRound(draft, 1);
}

const countMessage = (draft: Draft, change: number): void =>
  patch(draft, { messages: { reactionSends: Math.max(0, (draft.record.messages.reactionSends ?? 0) + change) } });

function countRound(draft: Draft, change: number): void {
  const pr = draft.record.pr.snapshot?.info.number;
  if (pr === undefined) return;
  const rounds = draft.record.pr.botRounds?.pr === pr ? draft.record.pr.botRounds.count : 0;
  patch(draft, { pr: { botRounds: { pr, count: Math.max(0, rounds + change) } } });
}

export function sendsOf(record: SessionRecord, rule: ReactionRule, episode: Episode): number {
  if (rule.countsPerPr !== true) return episode.sends;
  return record.pr.botRounds?.pr === record.pr.snapshot?.info.number ? (record.pr.botRounds?.count ?? 0) : 0;
}

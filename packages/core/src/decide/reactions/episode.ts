import type { Episode, ReactionKey } from "../../model/reaction.ts";
import type { SessionRecord } from "../../model/session.ts";
import { type Draft, patch } from "../draft.ts";
import { isUnsent, messageOf, withdrawMessage } from "../messages.ts";
import { answeredFingerprint, type Problem } from "./rule.ts";

export const episodeOf = (draft: Draft, key: ReactionKey): Episode | undefined => draft.record.episodes[key];

export function saveEpisode(draft: Draft, episode: Episode): void {
  patch(draft, { episodes: { ...draft.record.episodes, [episode.reaction]: episode } });
}

/** A new occurrence. What an earlier one has answered stays answered. */
export function beginEpisode(draft: Draft, key: ReactionKey, earlier?: Episode): Episode {
  const episode: Episode = {
    reaction: key,
    beganAt: draft.now,
    fingerprint: earlier?.fingerprint ?? "",
    sends: 0,
    lastSendAt: null,
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
export function endEpisode(draft: Draft, key: ReactionKey): void {
  if (episodeOf(draft, key) === undefined) return;
  takeBack(draft, key);
  const { [key]: _, ...others } = draft.record.episodes;
  patch(draft, { episodes: others });
}

/** Takes back the episode's message if not a byte of it went out; it then counts as never sent. */
export function takeBack(draft: Draft, key: ReactionKey): boolean {
  const episode = episodeOf(draft, key);
  const message = episode?.lastMessageId ? messageOf(draft.record, episode.lastMessageId) : undefined;
  if (episode === undefined || message === undefined || !isUnsent(message)) return false;
  withdrawMessage(draft, message.id);
  saveEpisode(draft, {
    ...episode,
    fingerprint: episode.answeredBefore ?? "",
    sends: episode.sends - 1,
    lastMessageId: null,
    sentHead: null,
  });
  countMessage(draft, -1);
  if (key === "bugbot-comments") countRound(draft, -1);
  return true;
}

/** Writes a send into its episode. */
export function countSend(draft: Draft, episode: Episode, sent: { problem: Problem; messageId: string | null }): void {
  saveEpisode(draft, {
    ...episode,
    answeredBefore: episode.fingerprint,
    fingerprint: answeredFingerprint(sent.problem, episode),
    sends: episode.sends + 1,
    lastSendAt: draft.now,
    lastSendTurn: null,
    lastMessageId: sent.messageId,
    sentHead: draft.record.pr?.headSha ?? null,
    held: null,
  });
  if (sent.messageId !== null) countMessage(draft, 1);
  if (episode.reaction === "bugbot-comments") countRound(draft, 1);
}

const countMessage = (draft: Draft, change: number): void =>
  patch(draft, { reactionSends: Math.max(0, (draft.record.reactionSends ?? 0) + change) });

/** Rounds of bots' comments are counted per pull request, over all episodes: bots never tire. */
function countRound(draft: Draft, change: number): void {
  const pr = draft.record.pr?.info.number;
  if (pr === undefined) return;
  const rounds = draft.record.botRounds?.pr === pr ? draft.record.botRounds.count : 0;
  patch(draft, { botRounds: { pr, count: Math.max(0, rounds + change) } });
}

export function sendsOf(record: SessionRecord, episode: Episode): number {
  if (episode.reaction !== "bugbot-comments") return episode.sends;
  return record.botRounds?.pr === record.pr?.info.number ? (record.botRounds?.count ?? 0) : 0;
}

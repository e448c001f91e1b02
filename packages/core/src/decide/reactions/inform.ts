import { DEFAULT_REACTIONS } from "../../model/config-reactions.ts";
import type { EventDraft } from "../../model/event.ts";
import type { ReactionAction, ReactionKey } from "../../model/reaction.ts";
import type { Priority } from "../../model/status.ts";
import { notDone } from "../causes.ts";
import type { Draft } from "../draft.ts";
import { lastSaid } from "../last-said.ts";
import { tell } from "../notify.ts";
import { openQuestion } from "../question.ts";
import { episodeOf, saveEpisode } from "./episode.ts";
import { answeredFingerprint, isNews, type Problem, type ReactionRule } from "./rule.ts";

interface Trigger {
  action: ReactionAction;
  problem: Problem;
  messageId?: string;
  why?: string | null;
}

export function triggered(draft: Draft, key: ReactionKey, { action, problem, messageId, why }: Trigger): void {
  const { id } = draft.record;
  draft.events.push({
    type: "reaction.triggered",
    message: `${id}: ${key} → ${action} (${problem.because})`,
    data: {
      reaction: key,
      action,
      because: problem.because,
      fingerprint: problem.fingerprint,
      ...(messageId === undefined ? {} : { messageId }),
      ...(why ? { why } : {}),
    },
  });
}

/** Tells the user of a problem, once for each fingerprint. */
export function notifyHuman(draft: Draft, rule: ReactionRule, told: { problem: Problem; why: string | null }): void {
  const { problem, why } = told;
  const episode = episodeOf(draft, rule.key);
  if (episode === undefined || episode.escalatedAt !== null) return;
  if (problem.notBeforeMs !== undefined && draft.ctx.nowMs < problem.notBeforeMs && why === null) {
    draft.wakes.push(problem.notBeforeMs);
    return;
  }
  const isKnown = episode.notifiedAt !== null || draft.record.ending?.by === "user";
  if (isKnown && !isNews(problem, episode)) return;
  const fingerprint = answeredFingerprint(problem, episode);
  const ofRepository = problem.cause === undefined ? {} : { cause: problem.cause };
  saveEpisode(draft, { ...episode, notifiedAt: draft.now, fingerprint, held: null, ...ofRepository });
  triggered(draft, rule.key, { action: "notify", problem, why });
  const cause = problem.cause ?? rule.cause(draft.record, problem);
  tell(draft, noticeOf(draft, rule, told), episode.sends > 0 ? notDone(cause) : cause);
}

function noticeOf(draft: Draft, rule: ReactionRule, told: { problem: Problem; why: string | null }): EventDraft {
  const { record, ctx } = draft;
  const { problem, why } = told;
  const config = ctx.policy.reactions[rule.key];
  // What the agent was to be told and was not is the user's to act on, whatever its event is worth by itself.
  const priority: Priority = config.priority ?? DEFAULT_REACTIONS[rule.key].priority ?? "action";
  const words = config.includeSummary || rule.quotesAgent === true ? lastSaid(record) : null;
  const parts = [
    config.message ?? `${record.id}${rule.hasSessionAsSubject === true ? "" : ":"} ${problem.because}`,
    why === null ? null : `(${why})`,
    words && `— last: ${words}`,
  ];
  return {
    type: problem.notice ?? rule.notice,
    priority,
    message: parts.filter((part) => part !== null).join(" "),
    data: {
      reaction: rule.key,
      because: problem.because,
      ...(why === null ? {} : { why }),
      pr: record.pr.snapshot?.info.number ?? null,
      headSha: record.pr.snapshot?.headSha ?? null,
      activity: record.activity,
      question: openQuestion(record),
      exit: record.launch.last?.exit ?? null,
    },
  };
}

/** Gives up and asks the user, once an episode. */
export function escalate(draft: Draft, rule: ReactionRule, given: { problem: Problem; reason: string }): void {
  const episode = episodeOf(draft, rule.key);
  if (episode === undefined || episode.escalatedAt !== null) return;
  const { problem, reason } = given;
  saveEpisode(draft, { ...episode, escalatedAt: draft.now, held: null });
  const { record } = draft;
  const event: EventDraft = {
    type: "reaction.escalated",
    message: `${record.id} needs you: ${problem.because} (${rule.key}: ${reason})`,
    data: {
      reaction: rule.key,
      reason,
      because: problem.because,
      fingerprint: problem.fingerprint,
      sends: episode.sends,
      beganAt: episode.beganAt,
    },
  };
  draft.events.push(event);
  tell(draft, event, `escalated:${rule.key}:${episode.beganAt}`);
}

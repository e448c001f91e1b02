import type { DecideContext } from "../../model/policy.ts";
import type { Episode, ReactionConfig, ReactionKey } from "../../model/reaction.ts";
import type { SessionRecord } from "../../model/session.ts";
import { at } from "../../model/time.ts";
import { verdicts } from "../ci.ts";
import { clockTime } from "../day.ts";
import type { Draft } from "../draft.ts";
import { wakeAt } from "../draft.ts";
import { isOver, latest } from "../facts-of.ts";
import { mergeHead } from "../lifecycle/pull-request.ts";
import { isHiccup } from "../lifecycle/try-again.ts";
import { unsettled } from "../messages.ts";
import { markTold } from "../notify.ts";
import { turnFailureOf } from "../turn-failure.ts";
import { isLimited } from "../vendor-limit.ts";
import { countSend, episodeOf, saveEpisode } from "./episode.ts";
import { escalate, notifyHuman, triggered } from "./inform.ts";
import { isNews, type Problem, type ReactionRule } from "./rule.ts";
import { sendToAgent } from "./send.ts";

/** What will be done about a problem; with `why` where it is not what the config says. */
export type Means = { means: "send" | "merge" } | { means: "notify"; why: string | null };

/** Answers one problem that is there, in its episode. */
export function respond(draft: Draft, rule: ReactionRule, problem: Problem): void {
  const episode = episodeOf(draft, rule.key);
  if (episode === undefined) return;
  const chosen = meansFor(draft.record, draft.ctx, { key: rule.key, problem });
  if (chosen.means === "notify") {
    notifyHuman(draft, rule, { problem, why: chosen.why });
    // Who was told instead of the agent has been asked already; only what the config itself notifies of escalates.
    if (chosen.why === null) escalateInTime(draft, rule, problem);
    return;
  }
  if (episode.escalatedAt !== null || isHeld(draft, rule.key, problem)) return;
  if (chosen.means === "merge") {
    merge(draft, rule, problem);
    return;
  }
  if (escalateInTime(draft, rule, problem)) return;
  sendToAgent(draft, rule, problem);
}

interface Case {
  key: ReactionKey;
  problem: Problem;
}

/** A reaction that cannot be carried out notifies instead. */
export function meansFor(record: SessionRecord, ctx: DecideContext, { key, problem }: Case): Means {
  const config = ctx.policy.reactions[key];
  if (config.action === "notify") return { means: "notify", why: problem.notForAgent ?? null };
  const why = config.action === "auto-merge" ? whyNotMerge(record, ctx, config) : whyNotSend(record, ctx, config);
  const reason = problem.notForAgent ?? why;
  if (reason !== null) return { means: "notify", why: reason };
  return { means: config.action === "auto-merge" ? "merge" : "send" };
}

function whyNotSend(record: SessionRecord, ctx: DecideContext, config: ReactionConfig): string | null {
  if (!config.auto) return "automatic answers are off for it";
  const isRestorable = record.ending?.status === "errored" && record.launch.last?.exit?.wasAsked === false;
  if (isOver(record) && !isRestorable)
    return `the session is ${record.ending?.status ?? "over"}: nothing is sent to it`;
  const cannotTake = ctx.policy.agent.lifetime === "per-turn" && !ctx.policy.agent.canResume;
  return cannotTake ? "this agent takes no messages" : null;
}

function whyNotMerge(record: SessionRecord, ctx: DecideContext, config: ReactionConfig): string | null {
  const { snapshot: pr, mergeFailure } = record.pr;
  if (!config.auto) return null;
  if (pr === null || record.status !== "mergeable") return "it is not mergeable";
  if (!ctx.policy.canMergePinned) return "its scm cannot merge exactly the head that was judged";
  if (pr.touchesGuardedFiles !== false) return "it changes CI or the config of ao, or that could not be checked";
  const doubt = whyNotOfOthers(record);
  if (doubt !== null) return doubt;
  if (mergeFailure?.headSha !== pr.headSha || isHiccup(mergeFailure)) return null;
  return `merging failed: ${mergeFailure.reason}`;
}

/** What somebody else wrote, in a fork or before the session took it over, is merged only once a person has approved it. */
function whyNotOfOthers(record: SessionRecord): string | null {
  const { turnStartedAt, turnEndedAt } = record;
  const { snapshot: pr, taken: takenPr } = record.pr;
  if (pr === null) return null;
  const taken = takenPr?.info.number === pr.info.number ? takenPr : null;
  if (taken === null && pr.info.fork === undefined) return null;
  const origin = pr.info.fork === undefined ? "was taken over" : "comes from a fork";
  const isApproved = verdicts(pr).some(
    ({ state, headSha, isTrusted }) => state === "approved" && headSha === pr.headSha && isTrusted === true,
  );
  if (!isApproved) return `it ${origin}, and nobody with write access has approved this head`;
  const hasWorkedOnIt = turnEndedAt !== null && taken?.at !== null && at(turnEndedAt) > latest(taken?.at);
  return hasWorkedOnIt && turnStartedAt === null ? null : `it ${origin}, and the agent has not ended its turn on it`;
}

/** Paused, at a limit, a human at the keyboard, or another's turn: shown as held, and the clock starts again when it ends. */
function isHeld(draft: Draft, key: ReactionKey, { heldFor }: Problem): boolean {
  const episode = episodeOf(draft, key);
  if (episode === undefined) return true;
  const { record, ctx } = draft;
  const typedUntil = record.humanInputAt === null ? 0 : at(record.humanInputAt) + ctx.policy.handsOffMs;
  const isTyping = ctx.nowMs < typedUntil;
  if (isTyping) wakeAt(draft, typedUntil);
  const typing = isTyping
    ? `hands off until ${clockTime(typedUntil, latest(record.humanInputAt), ctx.policy)}: you typed in its terminal`
    : null;
  if (heldFor?.untilMs) wakeAt(draft, heldFor.untilMs);
  const held = holdOf(record, ctx) ?? typing ?? heldFor?.why ?? null;
  if (held !== episode.held)
    saveEpisode(draft, { ...episode, held, ...(held === null ? { clockFrom: draft.now } : {}) });
  return held !== null;
}

function holdOf(record: SessionRecord, ctx: DecideContext): string | null {
  if (record.isPaused || ctx.policy.isPaused) return "paused";
  if (record.limits.hold) return `paused: ${record.limits.hold.reason}`;
  // What went in would fail as well: your word is the one that tries again.
  if (turnFailureOf(record) !== null) return "its last turn failed";
  return isLimited(record) ? "its vendor's usage limit" : null;
}

/** Counts from the latest of: the beginning, the end of a hold, a restart or sleep, the scm's silence. */
function clockOf(draft: Draft, rule: ReactionRule, episode: Episode): number {
  const gap = rule.asksScm === true ? draft.record.pr.gapEndedAt : null;
  return latest(episode.beganAt, episode.clockFrom, gap, draft.ctx.watchedSinceMs);
}

function escalateInTime(draft: Draft, rule: ReactionRule, problem: Problem): boolean {
  const episode = episodeOf(draft, rule.key);
  const { escalateAfterMs } = draft.ctx.policy.reactions[rule.key];
  if (episode === undefined || escalateAfterMs === null || episode.escalatedAt !== null) return false;
  if (rule.asksScm === true && draft.record.pr.unansweredSince !== null) return false;
  const dueAt = clockOf(draft, rule, episode) + escalateAfterMs;
  wakeAt(draft, dueAt);
  if (draft.ctx.nowMs < dueAt) return false;
  escalate(draft, rule, { problem, reason: "the time is up" });
  return true;
}

function merge(draft: Draft, rule: ReactionRule, problem: Problem): void {
  const episode = episodeOf(draft, rule.key);
  const { snapshot: pr, mergeFailure } = draft.record.pr;
  if (episode === undefined || pr === null || draft.record.pr.merging) return;
  const isFailed = mergeFailure?.headSha === pr.headSha && mergeFailure.retryAt != null;
  // What was in the way when the user was told of this head may be gone.
  const isOnlyTold = episode.notifiedAt !== null && episode.sentHead !== pr.headSha;
  if (!isFailed && !isOnlyTold && !isNews(problem, episode)) return;
  if (isFailed && draft.ctx.nowMs < at(mergeFailure.retryAt ?? draft.now)) {
    wakeAt(draft, at(mergeFailure.retryAt ?? draft.now));
    return;
  }
  // Somebody has just asked the agent for more: a merge would end the session before it hears of it.
  if (unsettled(draft.record).length > 0) return;
  countSend(draft, rule, { episode, problem, messageId: null });
  triggered(draft, rule.key, { action: "auto-merge", problem });
  markTold(draft, rule.cause(draft.record, problem));
  mergeHead(draft, { headSha: pr.headSha, method: null, isAuto: true });
}

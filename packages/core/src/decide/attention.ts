import { DEFAULT_REACTIONS } from "../model/config-reactions.ts";
import { isCutAtLimit } from "../model/limit-cut.ts";
import type { DecideContext } from "../model/policy.ts";
import type { Episode, ReactionKey } from "../model/reaction.ts";
import type { SessionRecord } from "../model/session.ts";
import type { Attention, Priority } from "../model/status.ts";
import type { Iso } from "../model/time.ts";
import { askedByOthers } from "./asked.ts";
import { type Draft, patch } from "./draft.ts";
import { hasOpenPr, isDetached, isOver, strayBranch } from "./facts-of.ts";
import { answerHint, questionLine } from "./question.ts";
import { deriveStatus } from "./status.ts";
import { describeTurnFailure, helpForTurnFailure, turnFailureOf } from "./turn-failure.ts";
import { describeLimit, handoffHint, isLimited } from "./vendor-limit.ts";

type Look = Omit<Attention, "since">;
type Rule = (record: SessionRecord, ctx: DecideContext) => Look | null;

const look = (level: Priority, reason: string, hint: string): Look => ({ level, reason, hint });
const because = (record: SessionRecord, ctx: DecideContext): string => deriveStatus(record, ctx).because;

/** What the human should look at, the worst first, each with the command to type. First match wins. */
const RULES: readonly Rule[] = [
  (record) => {
    if (record.status !== "needs_input" || turnFailureOf(record) === null) return null;
    return look("urgent", describeTurnFailure(record), helpForTurnFailure(record).hint);
  },
  (record, ctx) => {
    if (record.status !== "needs_input") return null;
    const asks = `asks: ${questionLine(record) || because(record, ctx)}`;
    if (!record.limit || !isCutAtLimit(record)) return look("urgent", asks, answerHint(record));
    return look("urgent", `paused: ${record.limit.reason}; ${asks}`, `ao resume ${record.id}`);
  },
  (record, ctx) => {
    if (record.status !== "stuck") return null;
    const isGone = record.statusRule === "agent-gone";
    return look("urgent", because(record, ctx), `ao ${isGone ? "restore" : "attach"} ${record.id}`);
  },
  // What is queued says why among the queued.
  ({ id, limit, phase }) =>
    limit && phase !== "queued" ? look("urgent", `paused: ${limit.reason}`, `ao resume ${id}`) : null,
  (record) => {
    const { ending } = record;
    if (record.isArchived || ending === null) return null;
    if (ending.status === "errored") return look("urgent", ending.reason, `ao restore ${record.id}`);
    const isUnwanted = ending.status === "terminated" || (ending.status === "killed" && ending.by !== "user");
    return isUnwanted ? look("action", ending.reason, `ao restore ${record.id}`) : null;
  },
  (record) => ofEpisodes(record, (episode) => episode.escalatedAt !== null),
  (record) => {
    if (!record.removalFailure || record.phase !== "ended") return null;
    return look("action", `its checkout was not removed: ${record.removalFailure.reason}`, `ao kill --rm ${record.id}`);
  },
  (record) => {
    const { mergeFailure, pr } = record;
    if (!mergeFailure || mergeFailure.headSha !== pr?.headSha || !hasOpenPr(record)) return null;
    return look("action", `merging failed: ${mergeFailure.reason}`, `ao merge ${record.id}`);
  },
  (record, ctx) =>
    record.status === "mergeable" ? look("action", because(record, ctx), `ao merge ${record.id}`) : null,
  (record) => {
    if (record.pr === null || !hasOpenPr(record)) return null;
    const { reviews, comments } = askedByOthers(record.pr);
    const author = reviews[0]?.author ?? comments[0]?.author;
    if (author === undefined) return null;
    return look("action", `${author} commented, and may not instruct the agent`, `ao show ${record.id}`);
  },
  (record) => ofEpisodes(record, (episode) => episode.notifiedAt !== null && isForHuman(episode.reaction)),
  (record) => {
    const { id, branch, stray } = record;
    if (isOver(record) || record.turnStartedAt !== null) return null;
    if (isDetached(record)) {
      return look("action", "its commits are on no branch", `ao exec ${id} -- git switch -c ${branch}-more`);
    }
    if (!stray?.reason || strayBranch(record) !== stray.branch) return null;
    const where = `its checkout is on ${stray.branch}, not on ${branch} (${stray.reason})`;
    return look("action", where, `ao exec ${id} -- git switch ${branch}`);
  },
  (record) => {
    if (!record.prFailure || hasOpenPr(record) || record.ending !== null) return null;
    return look("action", `no pull request: ${record.prFailure.reason}`, `ao show ${record.id}`);
  },
  (record) => {
    if (record.status !== "changes_requested" || !hasAnswered(record)) return null;
    return look("action", "new commits answer the review", `ao review ${record.id} --approve`);
  },
  (record, ctx) => {
    if (record.status !== "review_pending") return null;
    // What is reviewed now is not what will be merged: the conflict comes first.
    if (record.pr?.hasConflicts === true) return look("info", because(record, ctx), `ao explain ${record.id}`);
    return look(isLocal(record) ? "action" : "info", because(record, ctx), `ao review ${record.id} --approve`);
  },
  (record, ctx) => (isLimited(record) ? look("info", describeLimit(record, ctx), handoffHint(record)) : null),
];

/** Nobody else can review what is on no forge. */
const isLocal = (record: SessionRecord): boolean => !/^https?:/.test(record.pr?.info.url ?? "");

/** The agent took the review, its turn is over, and the head is another one. */
function hasAnswered(record: SessionRecord): boolean {
  const episode = record.episodes["changes-requested"];
  if (episode?.lastSendTurn == null || record.turnStartedAt !== null) return false;
  return record.turns > episode.lastSendTurn && episode.sentHead !== record.pr?.headSha;
}

const HINTS: Partial<Record<ReactionKey, (id: string) => string>> = {
  "agent-idle": (id) => `ao send ${id} "…"`,
  "agent-exited": (id) => `ao restore ${id}`,
  "pr-closed": (id) => `ao kill ${id}`,
  "ci-failed": (id) => `ao checks ${id} --log`,
  "merge-conflicts": (id) => `ao attach ${id}`,
};

function ofEpisodes(record: SessionRecord, fits: (episode: Episode) => boolean): Look | null {
  const episode = Object.values(record.episodes).find((each) => each !== undefined && fits(each));
  if (episode === undefined) return null;
  const hint = HINTS[episode.reaction]?.(record.id) ?? `ao explain ${record.id}`;
  const problem = episode.problem ?? episode.reaction;
  if (episode.escalatedAt === null) return look("action", problem, hint);
  return look("urgent", `${problem} (${episode.reaction} gave up)`, hint);
}

/** A note of no weight is no work for anybody. */
const isForHuman = (key: ReactionKey): boolean => DEFAULT_REACTIONS[key].priority !== "info";

export function attentionOf(record: SessionRecord, ctx: DecideContext): Look | null {
  for (const rule of RULES) {
    const found = rule(record, ctx);
    if (found !== null) return found;
  }
  return null;
}

/** Keeps `since` while the reason for looking stays the same. */
export function updateAttention(draft: Draft): void {
  const found = attentionOf(draft.record, draft.ctx);
  const present = draft.record.attention;
  if (found === null) {
    patch(draft, { attention: null });
    return;
  }
  const isSame = present !== null && present.level === found.level && present.hint === found.hint;
  const since: Iso = isSame ? present.since : draft.now;
  patch(draft, { attention: { ...found, since } });
}

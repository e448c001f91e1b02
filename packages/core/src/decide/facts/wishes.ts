import { isAtRest } from "../activity.ts";
import { act, type Draft, type FactOf, patch } from "../draft.ts";
import { hasOpenPr, isAlive, isBetweenTurns, isInFlight } from "../facts-of.ts";
import { interruption, wantsLeftRunning } from "../left-running.ts";
import { requestFollow } from "../lifecycle/branch.ts";
import { mergeHead } from "../lifecycle/pull-request.ts";
import { requestStop } from "../lifecycle/stop.ts";
import { queueMessage } from "../messages.ts";
import { forgetPast } from "../reactions/episode.ts";
import { causeOfAttention } from "../snooze.ts";
import { intoQueue } from "./queue.ts";

export function applySend(draft: Draft, { message, at }: FactOf<"wish-send">): void {
  forgetPast(draft);
  queueMessage(draft, { ...message, origin: "user", reaction: null }, at);
}

export function noteDeed(draft: Draft, { what, at }: FactOf<"human-did">): void {
  patch(draft, { humanDid: { ...draft.record.humanDid, [what]: at } });
}

/** What was last known of the checkout can be older than this wish. */
export function applyBranch(draft: Draft, { branch, headSha }: FactOf<"wish-branch">): void {
  const { work } = draft.record;
  if (work !== null) patch(draft, { work: { ...work, branch, headSha } });
  requestFollow(draft, branch);
}

/** Where nothing is under way there is nothing to interrupt, and Ctrl-C would only end the agent. */
export function applyInterrupt(draft: Draft, { at: when, kills = false }: FactOf<"wish-interrupt">): void {
  const { record } = draft;
  const isResting = record.activity !== null && isAtRest(record.activity.state) && record.turnStartedAt === null;
  if (!isAlive(record)) return;
  if (isResting && !(kills && wantsLeftRunning(record))) return;
  if (!isResting) patch(draft, { humanDid: { ...record.humanDid, interrupted: when } });
  act(draft, {
    ...interruption(record, draft.ctx.nowMs),
    key: `interrupt:${record.id}:${when}`,
    ...(kills ? { kills } : {}),
  });
}

/** A session that ended as wanted keeps its ending; any other becomes killed by the user who says so. */
export function applyKill(draft: Draft, fact: FactOf<"wish-kill">): void {
  const { record } = draft;
  if (record.phase === "removing" || record.phase === "archived") return;
  const isWanted = record.ending?.status === "merged" || record.ending?.status === "done";
  if (fact.remove && fact.by === "user") {
    patch(draft, { humanDid: { ...record.humanDid, removed: fact.at } });
  }
  requestStop(draft, {
    reason: fact.reason,
    ending: isWanted ? null : { status: "killed", by: fact.by, reason: fact.reason, at: fact.at },
    remove: fact.remove,
    ...(fact.dropUnreadable === true ? { dropUnreadable: true } : {}),
  });
}

export function applyRestore(draft: Draft): void {
  const { record } = draft;
  const hasGone = record.phase === "down" && !isBetweenTurns(record, draft.ctx.policy);
  const canRestore = record.phase === "ended" || record.phase === "archived" || hasGone;
  if (!canRestore || record.launch.stopping || isAlive(record) || isInFlight(record)) return;
  // A new life: what earlier ones were told of is told of again. After a crash the waiting messages are still to go out.
  if (record.ending !== null && record.ending.status !== "errored") patch(draft, { episodes: {}, pastEpisodes: {} });
  intoQueue(draft);
}

export function applyMerge(draft: Draft, fact: FactOf<"wish-merge">): void {
  patch(draft, { humanDid: { ...draft.record.humanDid, merged: fact.at } });
  if (!hasOpenPr(draft.record) || draft.record.pr.snapshot?.headSha !== fact.headSha) return;
  mergeHead(draft, { headSha: fact.headSha, method: fact.method, isAuto: false });
}

export function applySet(draft: Draft, fact: FactOf<"wish-set">): void {
  const { [fact.key]: _, ...others } = draft.record.extra;
  patch(draft, { extra: fact.value === null ? others : { ...others, [fact.key]: fact.value } });
}

/** The user snoozes what they were shown: what the last decision found. */
export function applySnooze(draft: Draft, { ends }: FactOf<"wish-snooze">): void {
  const cause = causeOfAttention(draft.record);
  patch(draft, { snooze: ends === null || cause === null ? null : { ends, cause } });
}

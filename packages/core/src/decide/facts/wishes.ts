import type { SessionFact } from "../../model/fact.ts";
import { isAtRest } from "../activity.ts";
import { act, type Draft, type FactOf, patch } from "../draft.ts";
import { hasOpenPr, isAlive, isBetweenTurns, isInFlight } from "../facts-of.ts";
import { release } from "../held-comments.ts";
import { interruption, wantsLeftRunning } from "../left-running.ts";
import { requestFollow } from "../lifecycle/branch.ts";
import { mergeHead, openPr } from "../lifecycle/pull-request.ts";
import { requestRemoval, requestStop } from "../lifecycle/stop.ts";
import { requestTakeOver } from "../lifecycle/take-over.ts";
import { queueMessage } from "../messages.ts";
import { forgetPast } from "../reactions/episode.ts";
import { causeOfAttention } from "../snooze.ts";
import { intoQueue } from "./queue.ts";

export function applyWishFact(draft: Draft, fact: SessionFact): void {
  switch (fact.kind) {
    case "wish-send":
      forgetPast(draft);
      queueMessage(draft, { ...fact.message, origin: "user", reaction: null }, fact.at);
      return;
    case "wish-release":
      release(draft, fact, fact.at);
      return;
    case "wish-kill":
      applyKill(draft, fact);
      return;
    case "wish-restore":
      applyRestore(draft);
      return;
    case "wish-remove":
      requestRemoval(draft, fact.reason);
      return;
    case "wish-interrupt":
      applyInterrupt(draft, fact);
      return;
    case "wish-pause":
      patch(draft, { isPaused: fact.isPaused });
      return;
    case "wish-merge":
      applyMerge(draft, fact);
      return;
    case "wish-pr":
      openPr(draft, { title: fact.title, body: fact.body, key: `wish:${fact.at}` });
      return;
    case "wish-branch":
      applyBranch(draft, fact);
      return;
    case "wish-claim":
      requestTakeOver(draft, fact);
      return;
    case "wish-set":
      applySet(draft, fact);
      return;
    case "wish-snooze":
      applySnooze(draft, fact);
      return;
    case "human-did":
      patch(draft, { humanDid: { ...draft.record.humanDid, [fact.what]: fact.at } });
      return;
    default:
  }
}

/** What was last known of the checkout can be older than this wish. */
function applyBranch(draft: Draft, { branch, headSha }: FactOf<"wish-branch">): void {
  const { work } = draft.record;
  if (work !== null) patch(draft, { work: { ...work, branch, headSha } });
  requestFollow(draft, branch);
}

/** Where nothing is under way there is nothing to interrupt, and Ctrl-C would only end the agent. */
function applyInterrupt(draft: Draft, { at: when, kills = false }: FactOf<"wish-interrupt">): void {
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
function applyKill(draft: Draft, fact: FactOf<"wish-kill">): void {
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

function applyRestore(draft: Draft): void {
  const { record } = draft;
  const hasGone = record.phase === "down" && !isBetweenTurns(record, draft.ctx.policy);
  const canRestore = record.phase === "ended" || record.phase === "archived" || hasGone;
  if (!canRestore || record.stopping || isAlive(record) || isInFlight(record)) return;
  // A new life: what earlier ones were told of is told of again. After a crash the waiting messages are still to go out.
  if (record.ending !== null && record.ending.status !== "errored") patch(draft, { episodes: {}, pastEpisodes: {} });
  intoQueue(draft);
}

function applyMerge(draft: Draft, fact: FactOf<"wish-merge">): void {
  patch(draft, { humanDid: { ...draft.record.humanDid, merged: fact.at } });
  if (!hasOpenPr(draft.record) || draft.record.pr?.headSha !== fact.headSha) return;
  mergeHead(draft, { headSha: fact.headSha, method: fact.method, isAuto: false });
}

function applySet(draft: Draft, fact: FactOf<"wish-set">): void {
  const { [fact.key]: _, ...others } = draft.record.extra;
  patch(draft, { extra: fact.value === null ? others : { ...others, [fact.key]: fact.value } });
}

/** The user snoozes what they were shown: what the last decision found. */
function applySnooze(draft: Draft, { ends }: FactOf<"wish-snooze">): void {
  const cause = causeOfAttention(draft.record);
  patch(draft, { snooze: ends === null || cause === null ? null : { ends, cause } });
}

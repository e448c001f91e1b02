import { firstPromptId } from "../model/ids.ts";
import type { HeldFor, Message } from "../model/message.ts";
import { isAskedByReport } from "../model/question.ts";
import { at, formatDuration, type Iso } from "../model/time.ts";
import { isAsking } from "./activity.ts";
import { act, type Draft, isOver as hasPassed, wakeAt } from "./draft.ts";
import { requestLaunch } from "./facts/start.ts";
import { exitedUnasked, isAlive, isOver, latest } from "./facts-of.ts";
import { refusal } from "./lifecycle/stop.ts";
import { changeMessage, failMessage, isUnsent, settleDoubts, settleMessage, unsettled } from "./messages.ts";
import { isDraftOld } from "./old-draft.ts";
import { turnFailureOf } from "./turn-failure.ts";
import { isLimited } from "./vendor-limit.ts";

const READY_WITHIN_MS = 20_000;
/** A receipt that has not come by then will not be waited for. */
export const RECEIPT_MS = 60_000;
/** The receipts that a program gave before it ended are read by then. */
const LAST_RECEIPTS_MS = 3000;
/** Between two messages, an agent has this long to show that it took the first. */
const BETWEEN_MESSAGES_MS = 1000;
/** What could not be written is tried again after this long, then after twice as long, … */
const AGAIN_MS = 2000;
const AGAIN_AT_MOST_MS = 30_000;
/** An agent that crashed is not brought back in the same moment: its end is news. */
const TOLD_FIRST_MS = 500;
/** The user's own message waits this long for the end of what they type in the terminal. */
const TYPING_MS = 3000;

/** Moves every message as far as it may go: one at a time per session, in order, urgent ones first. */
export function deliver(draft: Draft): void {
  expireReceipts(draft);
  settleDoubts(draft);
  const waiting = unsettled(draft.record);
  if (waiting.length === 0) return;
  if (isClosed(draft)) {
    refuseAll(draft, waiting);
    return;
  }
  const underWay = waiting.find((message) => !isUnsent(message));
  const unsent = waiting.filter(isUnsent);
  const first = unsent.find((message) => message.isUrgent) ?? answerIn(draft, unsent) ?? unsent[0];
  if (first === undefined) return;
  const hold = underWay === undefined ? holdOf(draft, first) : "before-it";
  if (hold === null) advance(draft, first);
  else held(draft, first, hold);
  for (const message of unsent) if (message.id !== first.id) held(draft, message, "before-it");
}

/** Between its turns, the user's message is the answer to the question that holds the others. */
function answerIn({ record, ctx }: Draft, unsent: readonly Message[]): Message | undefined {
  const isOpen = ctx.policy.agent.lifetime === "per-turn" && isAsking(record.activity?.state);
  return isOpen ? unsent.find(({ origin }) => origin === "user") : undefined;
}

function held(draft: Draft, message: Message, heldFor: HeldFor): void {
  changeMessage(draft, message.id, { state: "held", heldFor });
}

function expireReceipts(draft: Draft): void {
  for (const message of unsettled(draft.record)) {
    if (message.state !== "written" || message.writtenAt === null) continue;
    const since = latest(message.writtenAt, draft.ctx.watchedSinceMs);
    const isTold = draft.ctx.policy.agent.receipts === "always";
    const isGone = hasLostItsProgram(draft, message.writtenAt);
    if (isTold && !isGone && !hasPassed(draft, since, RECEIPT_MS)) continue;
    const doubt = isGone
      ? "the program that it was written to ended without confirming it"
      : `it was written, and not confirmed within ${formatDuration(RECEIPT_MS)}`;
    settleMessage(draft, message.id, { state: "unconfirmed", when: draft.now, doubt });
  }
}

/** Whether the program that was written to then has ended, so long ago that no word of it is still on its way. */
function hasLostItsProgram(draft: Draft, writtenAt: Iso): boolean {
  const { last: launch } = draft.record.launch;
  if (launch === null || launch.startedAt === null) return false;
  const isEarlier = at(writtenAt) < at(launch.startedAt);
  const endedAt = isEarlier ? launch.startedAt : launch.exit?.at;
  return endedAt !== undefined && hasPassed(draft, latest(endedAt, draft.ctx.watchedSinceMs), LAST_RECEIPTS_MS);
}

/** Whether no message will ever go in again without the user's `restore`. An agent that failed by itself is restored. */
function isClosed(draft: Draft): boolean {
  const { record } = draft;
  if (!isOver(record)) return false;
  return !(
    record.phase === "ended" &&
    record.ending?.status === "errored" &&
    record.launch.last?.exit?.wasAsked === false
  );
}

function refuseAll(draft: Draft, messages: Message[]): void {
  const status = draft.record.isArchived ? "archived" : (draft.record.ending?.status ?? draft.record.status);
  for (const message of messages) {
    if (isUnsent(message)) failMessage(draft, message.id, refusal(status));
  }
}

/** Why this message may not go in now. */
function holdOf(draft: Draft, message: Message): HeldFor | null {
  const { record, ctx } = draft;
  if (record.launch.stopping) return "unknown";
  if (record.isPaused || ctx.policy.isPaused || record.limits.hold) return "paused";
  if (record.phase === "queued") return "starting";
  if (isHumanTyping(draft, message)) return "human";
  // The user may know better, or want to try: `--now` goes in.
  if (isLimited(record) && !(message.isUrgent && message.origin === "user")) return "limit";
  if (record.phase === "starting") return message.restoredFor ? "restoring" : "starting";
  if (ctx.policy.agent.lifetime === "per-turn") {
    if (isAlive(record)) return "busy";
    return message.origin !== "user" && isAsking(record.activity?.state) ? "asking" : null;
  }
  if (!isAlive(record)) return null;
  if (!isReady(draft)) return message.restoredFor ? "restoring" : "starting";
  if (isAsking(record.activity?.state) && !(message.isAnswer === true && isAskedByReport(record))) return "asking";
  if (message.origin !== "user" && turnFailureOf(record) !== null) return "failed";
  if (isDeferred(draft, message)) return message.heldFor ?? "unknown";
  if (message.isUrgent) return null;
  return isBusy(draft, message) ? "busy" : null;
}

/** Told so; or running for so long that the telling must have been lost: the runtime looks once more before it writes. */
function isReady(draft: Draft): boolean {
  const { last: launch } = draft.record.launch;
  if (launch === null) return false;
  return launch.isReady || (launch.startedAt !== null && hasPassed(draft, launch.startedAt, READY_WITHIN_MS));
}

function isHumanTyping(draft: Draft, message: Message): boolean {
  const typedAt = draft.record.humanInputAt;
  if (typedAt === null || (message.origin === "user" && message.isUrgent)) return false;
  const ms = message.origin === "user" ? TYPING_MS : draft.ctx.policy.handsOffMs;
  return !hasPassed(draft, typedAt, ms);
}

function isDeferred(draft: Draft, { deferred, heldFor }: Message): boolean {
  if (!deferred) return false;
  // It asked then, and does something else since.
  const { activity } = draft.record;
  if ((heldFor === "asking" || heldFor === "unreadable") && activity !== null && at(activity.since) > at(deferred.at))
    return false;
  return !hasPassed(draft, deferred.at, Math.min(AGAIN_MS * 2 ** (deferred.times - 1), AGAIN_AT_MOST_MS));
}

function isBusy(draft: Draft, message: Message): boolean {
  const { id, activity } = draft.record;
  const { list: messages } = draft.record.messages;
  const { last: launch } = draft.record.launch;
  // That its program was started is all that is known, and these are the words that it was started for.
  if (activity?.source === "none" && message.id === firstPromptId(id, launch?.number ?? 0)) return false;
  if (activity?.state === "active") return true;
  const writtenAt = latest(...messages.map((message) => message.writtenAt));
  if (writtenAt === 0 || (activity !== null && at(activity.since) >= writtenAt)) return false;
  wakeAt(draft, writtenAt + BETWEEN_MESSAGES_MS);
  return draft.ctx.nowMs < writtenAt + BETWEEN_MESSAGES_MS;
}

function advance(draft: Draft, message: Message): void {
  const { record, ctx } = draft;
  if (isAlive(record)) {
    const old = isDraftOld(record, message, ctx) ? { isDraftOld: true } : {};
    changeMessage(draft, message.id, { state: "writing", heldFor: null, writingAt: draft.now });
    act(draft, { kind: "deliver", key: `deliver:${message.id}`, messageId: message.id, ...old });
    return;
  }
  if (ctx.policy.agent.lifetime === "per-turn") {
    startTurn(draft, message);
    return;
  }
  restoreFor(draft, message);
}

/** The message goes in with the start of the next turn. */
function startTurn(draft: Draft, message: Message): void {
  if (!draft.ctx.policy.agent.canResume) {
    failMessage(draft, message.id, {
      code: "REFUSED",
      message: "this agent takes no messages: it has no `resume` command",
      hint: "set `agentConfig.resume`, or start it again with `ao restore`",
    });
    return;
  }
  changeMessage(draft, message.id, { state: "writing", heldFor: null, writingAt: draft.now });
  requestLaunch(draft, message.id);
}

/** The agent ended by itself: it is brought back in the same conversation, once for this message. */
function restoreFor(draft: Draft, message: Message): void {
  if (message.restoredFor) {
    failMessage(draft, message.id, {
      code: "UNAVAILABLE",
      message: "the agent was restored for this message and ended again",
      hint: "look at its last output with `ao show`",
    });
    return;
  }
  if (!exitedUnasked(draft.record) && draft.record.ending === null) {
    held(draft, message, "unknown");
    return;
  }
  // First its end is told; the next decision brings it back.
  const exitAt = draft.record.launch.last?.exit?.at;
  if (exitAt !== undefined && !hasPassed(draft, exitAt, TOLD_FIRST_MS)) {
    held(draft, message, "restoring");
    return;
  }
  changeMessage(draft, message.id, { state: "held", heldFor: "restoring", restoredFor: true });
  requestLaunch(draft, null);
}

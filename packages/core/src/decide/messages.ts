import type { Failure } from "../model/fact.ts";
import { type Message, SETTLED } from "../model/message.ts";
import type { SessionRecord } from "../model/session.ts";
import { at, type Iso } from "../model/time.ts";
import { dropClaims } from "./activity.ts";
import { forgetAsked, noteTaken } from "./asks.ts";
import { type Draft, type FactOf, patch } from "./draft.ts";
import { shorten, textKey } from "./text.ts";
import { beginTurn } from "./turns.ts";

/** Settled messages that are kept, newest last. */
const KEPT_SETTLED = 20;

export const isSettled = (message: Message): boolean => SETTLED.has(message.state);
/** Not a byte of it has gone out. */
export const isUnsent = (message: Message): boolean => message.state === "queued" || message.state === "held";

export const unsettled = (record: SessionRecord): Message[] => record.messages.list.filter((each) => !isSettled(each));
export const messageOf = (record: SessionRecord, id: string): Message | undefined =>
  record.messages.list.find((each) => each.id === id);

type NewMessage = Pick<Message, "id" | "text" | "isUrgent" | "origin" | "reaction" | "isAnswer">;

/** Adds a message once; one with a known id is the same message. */
export function queueMessage(draft: Draft, message: NewMessage, when: Iso): void {
  if (messageOf(draft.record, message.id) !== undefined) return;
  const queued: Message = {
    ...message,
    createdAt: when,
    state: "queued",
    heldFor: null,
    writtenAt: null,
    settledAt: null,
    failure: null,
    restoredFor: false,
    textKey: textKey(message.text),
  };
  patch(draft, { messages: { list: [...draft.record.messages.list, queued] } });
}

export function changeMessage(draft: Draft, id: string, changes: Partial<Message>): void {
  patch(draft, {
    messages: {
      list: draft.record.messages.list.map((each) => (each.id === id ? ({ ...each, ...changes } as Message) : each)),
    },
  });
}

/** It went in. Writing a line to an agent begins a turn; its episode counts turns from here. */
export function messageWritten(draft: Draft, id: string, when: Iso): void {
  const message = messageOf(draft.record, id);
  if (message === undefined || isSettled(message) || message.writtenAt !== null) return;
  changeMessage(draft, id, { state: "written", heldFor: null, writtenAt: when });
  dropClaims(draft, (each) => each.source === "report" && at(each.since) <= at(when));
  // A quick agent is done with it before we hear that it was written: that turn is not to come any more.
  const isTurnOver = isWithin(draft.record.turnEndedAt, message.writingAt, when) && draft.record.turnStartedAt === null;
  if (!isTurnOver) beginTurn(draft, when);
  countTurnsFrom(draft, message, isTurnOver ? draft.record.turns - 1 : draft.record.turns);
  if (draft.ctx.policy.agent.receipts === "never") settleMessage(draft, id, { state: "unconfirmed", when });
}

/** After `from`: the end of a turn that made room for the message is not the end of the message's own turn. */
const isWithin = (moment: Iso | null, from: Iso | undefined, to: Iso): boolean =>
  moment !== null && from !== undefined && at(moment) > at(from) && at(moment) <= at(to);

function countTurnsFrom(draft: Draft, message: Message, turns: number): void {
  const episode = message.reaction === null ? undefined : draft.record.episodes[message.reaction];
  if (episode === undefined || episode.lastMessageId !== message.id) return;
  const counted = { ...episode, lastSendTurn: turns };
  patch(draft, { episodes: { ...draft.record.episodes, [episode.reaction]: counted } });
}

/** The end of a message's life, but for failures. */
export function settleMessage(
  draft: Draft,
  id: string,
  end: { state: "accepted" | "unconfirmed" | "withdrawn"; when: Iso; doubt?: string | undefined },
): void {
  const message = messageOf(draft.record, id);
  if (message === undefined || (isSettled(message) && !isLateReceipt(message, end.state))) return;
  const writtenAt = end.state === "withdrawn" ? null : (message.writtenAt ?? end.when);
  if (message.writtenAt === null && writtenAt !== null) countTurnsFrom(draft, message, draft.record.turns);
  changeMessage(draft, id, {
    state: end.state,
    heldFor: null,
    writtenAt,
    settledAt: end.when,
    text: shorten(message.text),
    doubt: end.state === "unconfirmed" ? end.doubt : undefined,
  });
  if (end.state === "withdrawn") forgetAsked(draft, id);
  else if (end.doubt === undefined) noteTaken(draft, id, end.when);
  dropOldSettled(draft);
}

/** The receipt came after all. */
const isLateReceipt = (message: Message, state: string): boolean =>
  message.state === "unconfirmed" && state === "accepted";

/** Its receipt was for the agent's own queue, and that is gone. */
export function loseMessage(draft: Draft, id: string, when: Iso): void {
  const message = messageOf(draft.record, id);
  if (message?.state !== "accepted") return;
  const doubt = "it waited in the agent's own queue when the agent ended";
  changeMessage(draft, id, { state: "unconfirmed", settledAt: when, doubt });
}

export function failMessage(draft: Draft, id: string, failure: Failure): void {
  const message = messageOf(draft.record, id);
  if (message === undefined || isSettled(message)) return;
  changeMessage(draft, id, {
    state: "failed",
    heldFor: null,
    settledAt: draft.now,
    failure: { ...failure },
    text: shorten(message.text),
  });
  forgetAsked(draft, id);
  // What it was to bring the agent is held again.
  const { released } = draft.record.pr;
  if (released !== undefined) patch(draft, { pr: { released: released.filter(({ messageId }) => messageId !== id) } });
  dropOldSettled(draft);
}

/** It was on its way and was not written: it waits again. */
export function deferMessage(draft: Draft, { id, because, isInDoubt, at: when }: FactOf<"message-deferred">): void {
  const message = messageOf(draft.record, id);
  if (message?.state !== "writing") return;
  const before = message.deferred;
  const since = before?.because === because ? (before?.since ?? when) : when;
  const deferred = because === undefined ? null : { at: when, times: (before?.times ?? 0) + 1, because, since };
  const doubt = isInDoubt === true ? { inDoubtOf: draft.record.launch.last?.number ?? 0 } : {};
  changeMessage(draft, id, { state: "held", heldFor: because ?? "unknown", deferred, ...doubt });
}

/** The program that may have taken it is gone, and with it whoever could tell: it is not given to another one. */
export function settleDoubts(draft: Draft): void {
  const { last: launch } = draft.record.launch;
  const isThere = (number: number) => launch?.number === number && launch.exit === null;
  for (const { id, inDoubtOf } of unsettled(draft.record)) {
    if (inDoubtOf === undefined || isThere(inDoubtOf)) continue;
    settleMessage(draft, id, { state: "unconfirmed", when: draft.now, doubt: "the program that may have it is gone" });
  }
}

/** The agent took a text: the receipt of the oldest message that says it. Also of one that was given up as unconfirmed. */
export function acceptText(draft: Draft, text: string, when: Iso): void {
  const key = textKey(text);
  const saying = draft.record.messages.list.filter((each) => each.textKey === key && each.writingAt !== undefined);
  const taken = saying.find((each) => each.state === "writing" || each.state === "written");
  const late = saying.find((each) => each.state === "unconfirmed");
  const message = taken ?? late;
  if (message === undefined) return;
  messageWritten(draft, message.id, when);
  settleMessage(draft, message.id, { state: "accepted", when });
}

/** Only what was never written can be taken back. */
export function withdrawMessage(draft: Draft, id: string): void {
  const message = messageOf(draft.record, id);
  if (message !== undefined && isUnsent(message)) settleMessage(draft, id, { state: "withdrawn", when: draft.now });
}

function dropOldSettled(draft: Draft): void {
  const { list: messages } = draft.record.messages;
  const settled = messages.filter(isSettled);
  const dropped = new Set(settled.slice(0, Math.max(0, settled.length - KEPT_SETTLED)));
  if (dropped.size > 0) patch(draft, { messages: { list: messages.filter((each) => !dropped.has(each)) } });
}

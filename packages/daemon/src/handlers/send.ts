import { holdReason } from "@agent-orchestrator/core/decide/hold-reasons";
import { refusalOfMessage } from "@agent-orchestrator/core/decide/refusals";
import { cleanMessage, describeLeftOut, type LeftOut, leftOutOf } from "@agent-orchestrator/core/host/message-text";
import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import { type HeldFor, type Message, SETTLED } from "@agent-orchestrator/core/model/message";
import { throwIfRefused } from "@agent-orchestrator/core/model/refusal";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { State } from "@agent-orchestrator/core/model/state";
import type { MessageResult } from "@agent-orchestrator/core/protocol/results";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { noteAttended, sessionOfWish } from "./shared/find.ts";

const MAX_BYTES = 64 * 1024;
const DEFAULT_MS = 60_000;
/** A question that is still open after this long waits for the user. */
const BRIEF_MS = 2_000;
/** How long a message that is being written is waited for after the time is up. */
const WRITING_MS = 5_000;

/** Queues a message and follows it until it is settled, or written if this agent can confirm no more. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  params: z.object({
    session: z.string(),
    text: z.string().min(1, "the message is empty"),
    isUrgent: z.boolean().optional(),
    /** False: return as soon as it is queued. */
    isWaiting: z.boolean().optional(),
    timeoutMs: z.number().int().min(0).optional(),
  }),
}).returns<MessageResult>(async (app, wanted, call) => {
  const { text, isUrgent = false, isWaiting, timeoutMs } = wanted;
  const saying = {
    record: await sessionOfWish(app, wanted.session, call),
    text,
    isUrgent,
    isAnswer: false,
    isWaiting,
    timeoutMs,
    call,
  };
  return { data: await say(app, saying) };
});

export interface Saying {
  record: SessionRecord;
  text: string;
  isUrgent: boolean;
  /** It answers a question from the agent's report. */
  isAnswer: boolean;
  isWaiting?: boolean | undefined;
  timeoutMs?: number | undefined;
  call: Call;
}

/** One message, followed until nothing more can be reported. */
export async function say(app: App, saying: Saying): Promise<MessageResult> {
  if (Buffer.byteLength(saying.text) > MAX_BYTES) throw new AoError("USAGE", "a message is at most 64 KiB");
  const leftOut = leftOutOf(saying.text);
  const text = cleanMessage(saying.text);
  if (text.trim() === "") throw emptyMessage(leftOut);
  const said = await sayText(app, { ...saying, text });
  return leftOut.length === 0 ? said : { ...said, leftOut };
}

const emptyMessage = (leftOut: readonly LeftOut[]): AoError =>
  new AoError("USAGE", `the message is empty${leftOut.length === 0 ? "" : `: ${describeLeftOut(leftOut)}`}`);

async function sayText(app: App, { record, call, ...wanted }: Saying): Promise<MessageResult> {
  const { id } = call.wish;
  if (find(app.engine.state, record.id, id) === undefined) {
    throwIfRefused(refusalOfMessage(record));
    if (call.caller.env !== undefined) app.environments.remember(record.id, call.caller.env);
    const { text, isUrgent, isAnswer } = wanted;
    const kept = call.wish.keep({ sessionIds: [record.id] });
    noteAttended(app, record, call);
    app.engine.tell(record.id, [{ kind: "wish-send", message: { id, text, isUrgent, isAnswer } }]);
    await kept;
  }
  const queued = await app.engine.until((state) => find(state, record.id, id), { signal: call.signal });
  if (wanted.isWaiting === false) return result(record.id, queued);
  const settled = await follow(app, {
    ...{ sessionId: record.id, id, call },
    timeoutMs: wanted.timeoutMs,
    isPatient: wanted.timeoutMs !== undefined || wanted.isAnswer,
  });
  return result(record.id, settled);
}

interface Follow {
  sessionId: string;
  id: string;
  timeoutMs: number | undefined;
  /** Waits for as long as it was told to, even while only the user can help. */
  isPatient: boolean;
  call: { progress(text: string): void; signal: AbortSignal };
}

async function follow(app: App, { sessionId, id, timeoutMs = DEFAULT_MS, call, isPatient }: Follow): Promise<Message> {
  const late = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([late, call.signal]);
  let last = "";
  let heldFor: HeldFor | null = null;
  const isKnown = (state: State, fits: (message: Message) => boolean) => {
    const message = find(state, sessionId, id);
    if (message === undefined) return undefined;
    heldFor = message.heldFor ?? heldFor;
    const text = progressOf(sessionId, message);
    if (text !== last) call.progress(text);
    last = text;
    return SETTLED.has(message.state) || fits(message) ? message : undefined;
  };
  try {
    const isHeld = (message: Message) => needsUser(message) || (!isPatient && isAsking(message));
    let message = await app.engine.until((state) => isKnown(state, isHeld), { signal });
    if (!isPatient && isAsking(message)) {
      const brief = AbortSignal.timeout(BRIEF_MS);
      try {
        const isFree = (each: Message) => !isAsking(each);
        await app.engine.until((state) => isKnown(state, isFree), { signal: AbortSignal.any([signal, brief]) });
      } catch (error) {
        if (!brief.aborted || signal.aborted) throw error;
        return giveUp(app, { sessionId, id, heldFor });
      }
      message = await app.engine.until((state) => isKnown(state, isHeld), { signal });
    }
    if (message.state === "failed") throw failureOf(message);
    if (message.state === "withdrawn") throw withdrawn(sessionId, heldFor);
    if (message.doubt !== undefined) throw unconfirmed(message);
    if (!SETTLED.has(message.state)) return giveUp(app, { sessionId, id, heldFor });
    return message;
  } catch (error) {
    if (isAoError(error) && error.code === "NO_SPACE") throw queuedWithoutRoom(id);
    if (!late.aborted) throw error;
    return giveUp(app, { sessionId, id, heldFor });
  }
}

/** What holds it, and what would help, as soon as that is known. */
function progressOf(sessionId: string, { state, heldFor }: Message): string {
  if (heldFor === null) return state;
  const { why, hint } = holdReason(heldFor, sessionId) ?? { why: heldFor, hint: "" };
  return `held: ${why}. ${hint}`.trim();
}

const queuedWithoutRoom = (id: string): AoError =>
  new AoError("UNCONFIRMED", `the disk is full, so the message stays queued until there is room (message ${id})`, {
    hint: "Do not send it again. Free some disk space.",
    details: { messageId: id },
  });

/** Time is up: a message that is not written yet is withdrawn, so that it never arrives later as a surprise. */
async function giveUp(app: App, { sessionId, id, heldFor }: Wait): Promise<Message> {
  app.engine.tell(sessionId, [{ kind: "wish-withdraw", id }]);
  const settled = await settledSoon(app, sessionId, id);
  if (settled.state === "withdrawn") throw withdrawn(sessionId, heldFor);
  if (settled.state === "failed") throw failureOf(settled);
  if (settled.state === "accepted" || (settled.state === "unconfirmed" && settled.doubt === undefined)) return settled;
  throw unconfirmed(settled);
}

/** A message that is being written cannot be withdrawn any more. What becomes of it is known soon, or in doubt. */
async function settledSoon(app: App, sessionId: string, id: string): Promise<Message> {
  const signal = AbortSignal.timeout(WRITING_MS);
  const isDone = (message: Message) => SETTLED.has(message.state) || message.writtenAt !== null;
  try {
    return await app.engine.until(
      (state) => {
        const message = find(state, sessionId, id);
        return message !== undefined && isDone(message) ? message : undefined;
      },
      { signal },
    );
  } catch (error) {
    const message = find(app.engine.state, sessionId, id);
    if (!signal.aborted || message === undefined) throw error;
    return { ...message, doubt: "it is still being written" };
  }
}

const unconfirmed = ({ id, doubt }: Message): AoError =>
  new AoError(
    "UNCONFIRMED",
    `the agent did not confirm the message${doubt === undefined ? "" : `: ${doubt}`} (message ${id})`,
    {
      hint: "Do not send it again. Check with `ao show` or `ao attach`.",
      details: { messageId: id },
    },
  );

/** Only the user can let it continue: waiting does not help. */
const needsUser = ({ state, heldFor }: Message): boolean =>
  state === "held" && (heldFor === "paused" || heldFor === "limit");

/** The user can as well, but a program answers some questions within a moment. */
const isAsking = ({ state, heldFor }: Message): boolean => state === "held" && heldFor === "asking";

interface Wait {
  sessionId: string;
  id: string;
  /** What it waited for last. */
  heldFor: HeldFor | null;
}

function withdrawn(sessionId: string, heldFor: HeldFor | null): AoError {
  const known = heldFor === null ? null : holdReason(heldFor, sessionId);
  const why = known?.why ?? `the agent could not take it in time${heldFor === null ? "" : ` (${heldFor})`}`;
  // In all other cases, more time would have helped.
  const hint = known?.hint ?? "Send it again, with a longer --timeout or --no-wait.";
  return new AoError("TRY_AGAIN", `not sent: ${why}`, { hint: `Nothing was written. ${hint}` });
}

const failureOf = ({ failure }: Message): AoError =>
  new AoError((failure?.code ?? "FAILED") as AoError["code"], failure?.message ?? "the message could not be written", {
    ...(failure?.hint === undefined ? {} : { hint: failure.hint }),
  });

const find = (state: State, sessionId: string, id: string): Message | undefined =>
  state.sessions[sessionId]?.messages.list.find((message) => message.id === id);

const result = (session: string, message: Message) => ({
  id: message.id,
  session,
  state: message.state,
  heldFor: message.heldFor,
  text: message.text,
});

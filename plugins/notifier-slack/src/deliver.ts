import { newId } from "@agent-orchestrator/core/host/ids";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { Clock, Log } from "@agent-orchestrator/core/slots/common";
import type { Api } from "./api.ts";
import type { KnownBlock } from "./blocks.ts";
import { codeOf, detailsOf } from "./errors.ts";
import type { Ledger } from "./ledger.ts";
import type { Place } from "./place.ts";

/** What writing into one channel needs. */
export interface Desk {
  api: Api;
  place: Place;
  ledger: Ledger;
  clock: Clock;
  log: Log;
}

/** A message on its way. Its record is written before it is sent, and says whether it may have arrived. */
export interface Outgoing {
  kind: "ao_notice" | "ao_session";
  text: string;
  blocks: readonly KnownBlock[];
  thread: string | null;
  isBroadcast: boolean;
}

export interface Begun {
  mark: string;
  thread: string | null;
  /** What was sent is newer than this. */
  after: string | null;
}

export interface Sent {
  ts: string;
  /** Slack put it elsewhere, because the thread is gone. */
  isOutside: boolean;
}

export interface Sending {
  /** From an earlier attempt whose end nobody knows. */
  begun: Begun | null;
  message: Outgoing;
  /** Writes the record down. Throws if it can't. */
  begin(begun: Begun): void;
  /** Nothing was sent, certainly. */
  clear(): void;
}

/**
 * Sends a message once. One that may have been sent before is looked for first, because Slack has no idempotency key: see
 * docs/decisions/0034-slack-once.md.
 */
export async function sendOnce(desk: Desk, sending: Sending, signal?: AbortSignal): Promise<Sent> {
  const { begun, message } = sending;
  const found = begun === null ? null : await look(desk, begun, signal);
  if (found !== null) {
    desk.ledger.sawTs(found);
    return { ts: found, isOutside: false };
  }
  const now = { mark: newId(), thread: message.thread, after: desk.ledger.newest() };
  sending.begin(now);
  try {
    const sent = await post(desk, { ...message, mark: now.mark }, signal);
    desk.ledger.sawTs(sent.ts);
    return sent;
  } catch (error) {
    // After an abort, an answer may still be on its way.
    const isCertain = signal?.aborted !== true && detailsOf(error).isUnknown !== true && isAoError(error);
    if (isCertain) sending.clear();
    throw error;
  }
}

async function post(desk: Desk, message: Outgoing & { mark: string }, signal?: AbortSignal): Promise<Sent> {
  try {
    return await postAs(desk, message, signal);
  } catch (error) {
    // Plain words rather than nothing.
    if (detailsOf(error).isFinal !== true || message.blocks.length === 0) throw error;
    desk.log.warn("Slack refused the blocks of a message, so ao sends it as plain text", { why: codeOf(error) });
    return await postAs(desk, { ...message, blocks: [] }, signal);
  }
}

async function postAs({ api, place }: Desk, message: Outgoing & { mark: string }, signal?: AbortSignal): Promise<Sent> {
  const { thread, isBroadcast, text, blocks, kind, mark } = message;
  const answer = await api.ask(
    (client) =>
      client.chat.postMessage({
        ...{ channel: place.channel, text, mrkdwn: false, parse: "none", link_names: false },
        ...{ unfurl_links: false, unfurl_media: false },
        ...(blocks.length === 0 ? {} : { blocks: [...blocks] }),
        metadata: { event_type: kind, event_payload: { id: mark } },
        ...(thread === null ? {} : isBroadcast ? { thread_ts: thread, reply_broadcast: true } : { thread_ts: thread }),
      }),
    signal,
  );
  const { ts = "", message: shown } = answer;
  return { ts, isOutside: thread !== null && shown !== undefined && shown.thread_ts !== thread };
}

const PAGE = 200;
const MAX_PAGES = 10;

/** What a token may not do, or what isn't there, is no different later. */
const BLIND = new Set(["missing_scope", "not_in_channel", "channel_not_found", "not_allowed_token_type"]);

/** The message with this mark. Null if Slack does not have it, or does not let us look. */
async function look({ api, place, log }: Desk, { mark, thread, after }: Begun, signal?: AbortSignal) {
  let cursor = "";
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = {
      ...{ channel: place.channel, limit: PAGE, include_all_metadata: true, inclusive: false },
      ...(after === null ? {} : { oldest: after }),
      ...(cursor === "" ? {} : { cursor }),
    };
    try {
      const answer = await api.ask(
        (client) =>
          thread === null
            ? client.conversations.history(query)
            : client.conversations.replies({ ...query, ts: thread }),
        signal,
      );
      const found = answer.messages?.find((one) => markIn(one.metadata) === mark);
      if (found?.ts !== undefined) return found.ts;
      cursor = answer.response_metadata?.next_cursor ?? "";
      if (cursor === "") return null;
    } catch (error) {
      const code = codeOf(error) ?? "";
      if (code === "thread_not_found") return null;
      if (!BLIND.has(code)) throw error;
      const why = isAoError(error) ? error.message : code;
      log.warn("Slack does not let ao check whether a message arrived, so it may appear twice", { why });
      return null;
    }
  }
  return null;
}

const markIn = (metadata: { event_payload?: object } | undefined): unknown =>
  (metadata?.event_payload as { id?: unknown } | undefined)?.id;

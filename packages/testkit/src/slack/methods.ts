import type {
  AuthTestResponse,
  ChatPostMessageResponse,
  ChatUpdateResponse,
  ConversationsHistoryResponse,
  ConversationsInfoResponse,
  ConversationsListResponse,
} from "@slack/web-api";
import { blockFaults, LIMITS } from "./block-kit.ts";
import { channelOf, nextTs, type SlackChannel, type SlackMessage, type SlackWorld, shownMessage } from "./world.ts";

export type Args = Readonly<Record<string, unknown>>;
export type Answer = { ok: boolean } & Record<string, unknown>;
type Method = (world: SlackWorld, args: Args) => Answer;

export const refused = (error: string, more: object = {}): Answer => ({ ok: false, error, ...more });

function lacks(world: SlackWorld, ...oneOf: string[]): Answer | null {
  if (oneOf.some((scope) => world.scopes.has(scope))) return null;
  return refused("missing_scope", { needed: oneOf[0] ?? "", provided: [...world.scopes].join(",") });
}

const isKnown = (channel: SlackChannel | undefined): channel is SlackChannel =>
  channel !== undefined && (!channel.isPrivate || channel.isMember);

/** Why nothing can be written there. */
function closed(world: SlackWorld, channel: SlackChannel | undefined): Answer | null {
  if (!isKnown(channel)) return refused("channel_not_found");
  if (channel.isArchived) return refused("is_archived");
  return channel.isMember || world.scopes.has("chat:write.public") ? null : refused("not_in_channel");
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

function contentFaults({ text: words, blocks }: Args): Answer | null {
  if (text(words) === "" && blocks === undefined) return refused("no_text");
  if (text(words).length > LIMITS.messageText) return refused("msg_too_long");
  const faults = blocks === undefined ? [] : blockFaults(blocks);
  if (faults.length === 0) return null;
  return refused("invalid_blocks", {
    errors: faults,
    response_metadata: { messages: faults.map((one) => `[ERROR] ${one}`) },
  });
}

const blocksOf = ({ blocks }: Args): Record<string, unknown>[] =>
  ((blocks as Record<string, unknown>[] | undefined) ?? []).map((block, at) => ({
    ...block,
    block_id: block.block_id ?? `b${at}`,
  }));

/** A thread whose first message is gone, and which nobody had replied to, is none: the message is one of the channel. */
function threadOf(world: SlackWorld, channel: string, thread: unknown): string | null {
  const isThere = world.messages.some(
    (one) => one.channel === channel && (one.ts === thread || one.threadTs === thread) && thread !== undefined,
  );
  return isThere ? String(thread) : null;
}

const postMessage: Method = (world, args) => {
  const channel = channelOf(world, args.channel) ?? world.channels.find((one) => `#${one.name}` === args.channel);
  const fault = lacks(world, "chat:write") ?? closed(world, channel) ?? contentFaults(args);
  if (fault !== null || channel === undefined) return fault ?? refused("channel_not_found");
  const message: SlackMessage = {
    ...{ ts: nextTs(world), channel: channel.id, user: world.botUser, isBot: true, edits: 0 },
    ...{ text: text(args.text), blocks: blocksOf(args), threadTs: threadOf(world, channel.id, args.thread_ts) },
    isBroadcast: args.reply_broadcast === true,
    metadata: (args.metadata as SlackMessage["metadata"] | undefined) ?? null,
  };
  world.messages.push(message);
  const shown = shownMessage(world, message, true);
  return { ok: true, channel: channel.id, ts: message.ts, message: shown } satisfies ChatPostMessageResponse;
};

const update: Method = (world, args) => {
  const channel = channelOf(world, args.channel);
  const fault = lacks(world, "chat:write") ?? closed(world, channel) ?? contentFaults(args);
  if (fault !== null) return fault;
  const message = world.messages.find((one) => one.channel === args.channel && one.ts === args.ts);
  if (message === undefined) return refused("message_not_found");
  if (message.user !== world.botUser) return refused("cant_update_message");
  message.text = text(args.text);
  message.blocks = blocksOf(args);
  message.edits += 1;
  return { ok: true, channel: message.channel, ts: message.ts, text: message.text } satisfies ChatUpdateResponse;
};

const postEphemeral: Method = (world, args) => {
  const fault = lacks(world, "chat:write") ?? closed(world, channelOf(world, args.channel)) ?? contentFaults(args);
  if (fault !== null) return fault;
  world.ephemerals.push({ user: text(args.user), text: text(args.text), threadTs: text(args.thread_ts) || null });
  return { ok: true, message_ts: nextTs(world) };
};

/** Newest first, as in Slack, or oldest first in a thread. */
function page(world: SlackWorld, found: SlackMessage[], args: Args): Answer {
  const { oldest, limit = 100, cursor = "0", include_all_metadata: withMetadata } = args;
  const wanted = found.filter(({ ts }) => oldest === undefined || ts > String(oldest));
  const [from, size] = [Number(cursor || 0), Number(limit)];
  const messages = wanted.slice(from, from + size).map((one) => shownMessage(world, one, withMetadata === true));
  const next = from + size < wanted.length ? String(from + size) : "";
  const answer: ConversationsHistoryResponse = {
    ok: true,
    messages: messages as NonNullable<ConversationsHistoryResponse["messages"]>,
    has_more: next !== "",
    response_metadata: { next_cursor: next },
  };
  return answer as Answer;
}

function unreadable(world: SlackWorld, channel: SlackChannel | undefined): Answer | null {
  if (!isKnown(channel)) return refused("channel_not_found");
  const missing = lacks(world, channel.isPrivate ? "groups:history" : "channels:history");
  return missing ?? (channel.isMember ? null : refused("not_in_channel"));
}

const history: Method = (world, args) => {
  const fault = unreadable(world, channelOf(world, args.channel));
  if (fault !== null) return fault;
  const found = world.messages.filter(
    (one) => one.channel === args.channel && (one.threadTs === null || one.isBroadcast),
  );
  return page(world, found.reverse(), args);
};

const replies: Method = (world, args) => {
  const fault = unreadable(world, channelOf(world, args.channel));
  if (fault !== null) return fault;
  const found = world.messages.filter(
    (one) => one.channel === args.channel && (one.ts === args.ts || one.threadTs === args.ts),
  );
  return found.length === 0 ? refused("thread_not_found") : page(world, found, args);
};

const shownChannel = ({ id, name, isPrivate, isArchived, isMember }: SlackChannel) => ({
  ...{ id, name, name_normalized: name, is_channel: !isPrivate, is_group: isPrivate, is_private: isPrivate },
  ...{ is_archived: isArchived, is_member: isMember, is_im: false, is_mpim: false },
});

const info: Method = (world, args) => {
  const channel = channelOf(world, args.channel);
  if (!isKnown(channel)) return lacks(world, "channels:read", "groups:read") ?? refused("channel_not_found");
  const missing = lacks(world, channel.isPrivate ? "groups:read" : "channels:read");
  return missing ?? ({ ok: true, channel: shownChannel(channel) } satisfies ConversationsInfoResponse);
};

const list: Method = (world, args) => {
  const types = text(args.types || "public_channel").split(",");
  const missing =
    (types.includes("public_channel") ? lacks(world, "channels:read") : null) ??
    (types.includes("private_channel") ? lacks(world, "groups:read") : null);
  if (missing !== null) return missing;
  const found = world.channels.filter(
    (one) =>
      types.includes(one.isPrivate ? "private_channel" : "public_channel") &&
      isKnown(one) &&
      !(args.exclude_archived === true && one.isArchived),
  );
  const [from, size] = [Number(args.cursor || 0), Number(args.limit || 100)];
  const next = from + size < found.length ? String(from + size) : "";
  return {
    ok: true,
    channels: found.slice(from, from + size).map(shownChannel),
    response_metadata: { next_cursor: next },
  } satisfies ConversationsListResponse;
};

const authTest: Method = (world) =>
  ({
    ...{ ok: true, url: "https://acme.slack.com/", team: "Acme", user: "ao", team_id: world.team },
    ...{ user_id: world.botUser, bot_id: world.botId, is_enterprise_install: false },
  }) satisfies AuthTestResponse;

const getPermalink: Method = (world, args) => {
  const message = world.messages.find((one) => one.channel === args.channel && one.ts === args.message_ts);
  if (message === undefined) return refused("message_not_found");
  return {
    ...{ ok: true, channel: message.channel },
    permalink: `https://acme.slack.com/archives/${message.channel}/p${message.ts.replace(".", "")}`,
  };
};

const join: Method = (world, args) => {
  const channel = channelOf(world, args.channel);
  const missing = lacks(world, "channels:join");
  if (missing !== null || channel === undefined || channel.isPrivate) return missing ?? refused("channel_not_found");
  channel.isMember = true;
  return { ok: true, channel: shownChannel(channel) };
};

/** What a bot's token is for. */
export const METHODS: Readonly<Record<string, Method>> = {
  "auth.test": authTest,
  "chat.postMessage": postMessage,
  "chat.update": update,
  "chat.postEphemeral": postEphemeral,
  "chat.getPermalink": getPermalink,
  "conversations.history": history,
  "conversations.replies": replies,
  "conversations.info": info,
  "conversations.list": list,
  "conversations.join": join,
};

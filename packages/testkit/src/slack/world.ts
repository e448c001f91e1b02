/** A message as Slack stores it. */
export interface SlackMessage {
  ts: string;
  channel: string;
  /** Of a person, or of the bot. */
  user: string;
  isBot: boolean;
  text: string;
  blocks: Record<string, unknown>[];
  threadTs: string | null;
  isBroadcast: boolean;
  metadata: { event_type: string; event_payload: Record<string, unknown> } | null;
  /** How often it was edited. */
  edits: number;
}

export interface SlackChannel {
  id: string;
  name: string;
  isPrivate: boolean;
  isArchived: boolean;
  /** The bot is in it. */
  isMember: boolean;
}

/** What only one person saw. */
export interface Ephemeral {
  user: string;
  text: string;
  threadTs: string | null;
}

export interface SlackCall {
  method: string;
  args: Readonly<Record<string, unknown>>;
  /** In milliseconds of `performance.now()`. */
  at: number;
}

/** What goes wrong with one call. */
export type SlackFault =
  | { kind: "limited"; seconds: number }
  | { kind: "status"; status: number; isDone?: boolean }
  /** The connection breaks: before anything is done, or after it. */
  | { kind: "broken"; isDone: boolean }
  | { kind: "silent"; isDone?: boolean }
  | { kind: "error"; error: string; more?: Record<string, unknown> };

/** One workspace with one app in it. */
export interface SlackWorld {
  readonly team: string;
  readonly appId: string;
  readonly botUser: string;
  readonly botId: string;
  token: string;
  appToken: string;
  /** Why a token is refused: `token_revoked`, … Null for a good one. */
  tokenFault: string | null;
  scopes: Set<string>;
  appScopes: Set<string>;
  channels: SlackChannel[];
  messages: SlackMessage[];
  ephemerals: Ephemeral[];
  calls: SlackCall[];
  /** Asked for each call. */
  faults: (call: SlackCall, count: number) => SlackFault | null;
  /** In milliseconds since the epoch: what timestamps of messages come from. */
  now(): number;
}

export const ALL_SCOPES = ["chat:write", "channels:read", "groups:read", "channels:history", "groups:history"];

export function slackWorld(now: () => number): SlackWorld {
  return {
    ...{ team: "T01TEAM", appId: "A01APP", botUser: "U0BOT", botId: "B0BOT" },
    ...{ token: "xoxb-1-good-bot-token", appToken: "xapp-1-good-app-token", tokenFault: null },
    scopes: new Set(ALL_SCOPES),
    appScopes: new Set(["connections:write"]),
    channels: [
      { id: "C0AGENTS", name: "agents", isPrivate: false, isArchived: false, isMember: true },
      { id: "C0OTHER", name: "other", isPrivate: false, isArchived: false, isMember: false },
      { id: "G0SECRET", name: "secret", isPrivate: true, isArchived: false, isMember: true },
      { id: "G0HIDDEN", name: "hidden", isPrivate: true, isArchived: false, isMember: false },
      { id: "C0OLD", name: "old", isPrivate: false, isArchived: true, isMember: true },
    ],
    messages: [],
    ephemerals: [],
    calls: [],
    faults: () => null,
    now,
  };
}

let last = 0;

/** Larger than any before, as in Slack: seconds and six digits. */
export function nextTs(world: SlackWorld): string {
  last = Math.max(last + 1, Math.floor(world.now() * 1000));
  return `${Math.floor(last / 1e6)}.${String(last % 1e6).padStart(6, "0")}`;
}

export const channelOf = (world: SlackWorld, id: unknown): SlackChannel | undefined =>
  world.channels.find((one) => one.id === id);

/** As the API shows it. */
export function shownMessage(world: SlackWorld, message: SlackMessage, withMetadata: boolean) {
  const { ts, user, isBot, text, blocks, threadTs, isBroadcast, metadata, edits } = message;
  const replies = world.messages.filter((one) => one.threadTs === ts).length;
  return {
    ...{ type: "message", user, text, ts, team: world.team },
    ...(isBot ? { bot_id: world.botId, app_id: world.appId } : {}),
    ...(blocks.length === 0 ? {} : { blocks }),
    ...(threadTs === null ? {} : { thread_ts: threadTs, parent_user_id: world.botUser }),
    ...(replies === 0 ? {} : { thread_ts: ts, reply_count: replies }),
    ...(isBroadcast ? { subtype: "thread_broadcast" } : {}),
    ...(edits === 0 ? {} : { edited: { user, ts: `${ts.slice(0, -1)}9` } }),
    ...(withMetadata && metadata !== null ? { metadata } : {}),
  };
}

import type { ChannelAction } from "@agent-orchestrator/core/slots/notifier";
import { z } from "zod";
import type { Listening } from "./listen.ts";
import { isLate } from "./press.ts";

/** https://docs.slack.dev/reference/events/message */
const Payload = z.looseObject({
  type: z.literal("event_callback"),
  team_id: z.string(),
  event: z.looseObject({
    type: z.literal("message"),
    subtype: z.enum(["thread_broadcast", "file_share"]).optional(),
    user: z.string(),
    text: z.string(),
    ts: z.string(),
    thread_ts: z.string(),
    channel: z.string(),
    team: z.string().optional(),
    user_team: z.string().optional(),
    source_team: z.string().optional(),
    // None of a bot's, and nothing that was edited or is hidden.
    bot_id: z.undefined().optional(),
    bot_profile: z.undefined().optional(),
    edited: z.undefined().optional(),
    hidden: z.undefined().optional(),
  }),
});

/** Words in the thread of a session, or of a list of notices. */
export interface Reply {
  user: string;
  thread: string;
  /** The config names them. */
  isListed: boolean;
  action: ChannelAction;
  refusal: string | null;
}

const MAX_TEXT = 20_000;

/** Null for what nobody wrote to us: elsewhere, by a bot, changed later. */
export function readReply({ office, options, world }: Listening, body: unknown): Reply | null {
  const parsed = Payload.safeParse(body);
  if (!parsed.success) return null;
  const { team_id: team, event } = parsed.data;
  const { place, ledger } = office;
  const { user, ts, thread_ts: thread, channel, subtype } = event;
  const teams = [team, event.team, event.user_team, event.source_team].filter((one) => one !== undefined);
  const isHere = channel === place.channel && teams.every((one) => one === place.team);
  if (!isHere || ts === thread || user === place.botUser) return null;
  const session = ledger.threadAt(thread)?.session ?? null;
  const isList = session === null && ledger.messageAt(thread) !== undefined;
  if (session === null && !isList) return null;
  const may = options.users.get(user) ?? [];
  const text = plainText(event.text).trim();
  const action: ChannelAction = {
    ...{ id: `slack:${channel}:${ts}`, endpoint: null, sessionId: session, text, may, by: `slack:${user}` },
  };
  const refusal = !may.includes("send")
    ? "You may not do that: your words do not reach the agent. `users` in the config of ao lists who may."
    : isList
      ? "This thread does not belong to a session. Reply in the session's own thread, or run `ao send`."
      : isLate(ts, world.clock.now())
        ? "ao was not connected when you wrote that. Send it again."
        : subtype === "file_share"
          ? "Files are not passed on. Nothing was sent."
          : text === "" || text.length > MAX_TEXT
            ? "Your message is empty or too long. Nothing was sent."
            : null;
  return { user, thread, isListed: options.users.has(user), action, refusal };
}

/** A mention, a channel or an address, with what Slack shows for it. */
const NOTATION = /<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>/g;

/** What somebody typed, without Slack's notation: https://docs.slack.dev/messaging/formatting-message-text */
export function plainText(text: string): string {
  return text
    .replace(NOTATION, (...[, kind = "", target = "", label]: (string | undefined)[]) => shownAs(kind, target, label))
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

function shownAs(kind: string, target: string, label: string | undefined): string {
  if (kind === "") return linkText(target, label);
  const name = label ?? target.replace(/^(?:subteam|date)\^/, "");
  return kind === "#" ? `#${name}` : `@${name.replace(/^@/, "")}`;
}

function linkText(url: string, label: string | undefined): string {
  const bare = url.replace(/^(?:https?:\/\/|mailto:|tel:)/, "");
  return label === undefined || label === url || label === bare ? (label ?? url) : `${label} (${url})`;
}

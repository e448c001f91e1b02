import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Api } from "./api.ts";
import { codeOf, scopeError } from "./errors.ts";

/** Where this notifier writes, and as whom. */
export interface Place {
  team: string;
  teamName: string;
  botUser: string;
  /** Null for a token that has none. */
  botId: string | null;
  /** What the token may do, as Slack says. Empty if it doesn't. */
  scopes: ReadonlySet<string>;
  /** The channel's id. */
  channel: string;
  /** What only some tokens may know. */
  isPrivate: boolean | null;
  isMember: boolean | null;
}

const ID = /^[CGD][A-Z0-9]{5,30}$/;
const PAGE = 1_000;
const MAX_PAGES = 50;

export const isChannelId = (channel: string): boolean => ID.test(channel);

/** Asks who the token is, and for the channel's id if only its name is known. */
export async function findPlace(api: Api, channel: string, signal?: AbortSignal): Promise<Place> {
  const { scopes, ...who } = await whoAmI(api, signal);
  if (isChannelId(channel)) return { ...who, scopes, channel, isPrivate: null, isMember: null };
  for (const type of ["public", "private"] as const) {
    const scope = type === "public" ? "channels:read" : "groups:read";
    if (scopes.size > 0 && !scopes.has(scope)) continue;
    const found = await channelNamed(api, { name: channel, type }, signal);
    if (found !== null) return { ...who, scopes, ...found };
  }
  throw notFound(channel, scopes);
}

/** What a token is for, or why it is refused. */
export async function whoAmI(api: Api, signal?: AbortSignal) {
  const answer = await api.ask((client) => client.auth.test(), signal);
  const scopes = new Set((answer.response_metadata?.scopes ?? []).filter((scope) => scope !== ""));
  const { team_id: team = "", team: teamName = "Slack", user_id: botUser = "", bot_id: botId = null } = answer;
  return { team, teamName, botUser, botId, scopes };
}

interface Wanted {
  name: string;
  type: "public" | "private";
}

async function channelNamed(api: Api, { name, type }: Wanted, signal: AbortSignal | undefined) {
  let cursor = "";
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = {
      types: `${type}_channel`,
      exclude_archived: false,
      limit: PAGE,
      ...(cursor === "" ? {} : { cursor }),
    };
    const answer = await api.ask((client) => client.conversations.list(query), signal);
    const found = answer.channels?.find((one) => one.name === name || one.name_normalized === name);
    if (found?.id !== undefined) {
      if (found.is_archived === true) {
        throw new AoError("UNAVAILABLE", `the channel #${name} is archived`, { hint: "Set another `channel`." });
      }
      return {
        channel: found.id,
        isPrivate: found.is_private ?? type === "private",
        isMember: found.is_member ?? null,
      };
    }
    cursor = answer.response_metadata?.next_cursor ?? "";
    if (cursor === "") return null;
  }
  return null;
}

function notFound(name: string, scopes: ReadonlySet<string>): AoError {
  const missing = ["channels:read", "groups:read"].filter((scope) => !scopes.has(scope));
  if (scopes.size > 0 && missing.length === 2) return scopeError("channels:read");
  const isBlind = scopes.size > 0 && missing.length > 0;
  return new AoError("UNAVAILABLE", `the bot can see no channel #${name}`, {
    hint: isBlind
      ? `Set the channel's id, or add the scope ${missing.join(" and ")} if it is ${missing[0] === "groups:read" ? "private" : "public"}.`
      : "Check `channel`. In a private channel, invite the bot first: /invite @ao",
    details: { slack: "channel_not_found" },
  });
}

/** What is known of a channel by its id. Null where the token may not ask. */
export async function lookUpChannel(api: Api, channel: string, signal?: AbortSignal) {
  try {
    const { channel: found } = await api.ask((client) => client.conversations.info({ channel }), signal);
    return {
      name: found?.name ?? channel,
      isPrivate: found?.is_private ?? null,
      isMember: found?.is_member ?? null,
      isArchived: found?.is_archived === true,
    };
  } catch (error) {
    if (codeOf(error) === "missing_scope") return null;
    throw error;
  }
}

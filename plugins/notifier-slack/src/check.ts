import { type AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import { type Api, openApi, type World } from "./api.ts";
import { codeOf } from "./errors.ts";
import type { BotOptions } from "./options.ts";
import { isChannelId, lookUpChannel, type Place, whoAmI } from "./place.ts";

type Report = Awaited<ReturnType<NonNullable<Notifier["check"]>>>;

export interface Checked {
  api: Api;
  options: BotOptions;
  world: World;
  findPlace(signal?: AbortSignal): Promise<Place>;
}

/** What `ao doctor` says: everything that is missing, at once. Nothing is written to the channel. */
export async function check(checked: Checked, signal?: AbortSignal): Promise<Report> {
  const { api, options } = checked;
  try {
    const { scopes, teamName } = await whoAmI(api, signal);
    const channel = await channelReport(checked, signal);
    const missing = missingScopes(scopes, { options, isPrivate: channel.isPrivate });
    const socket = options.appToken === null ? [] : await socketProblems(checked, options.appToken, signal);
    const problems = [...missing.map((scope) => `the app lacks the scope ${scope}`), ...channel.problems, ...socket];
    if (problems.length > 0) return { ok: false, text: problems.join("; "), hint: hintFor(missing, channel.hint) };
    const people = options.users.size === 1 ? "1 person" : `${options.users.size} people`;
    const acting = options.appToken === null ? "without buttons that act" : `with buttons for ${people}`;
    return { ok: true, text: `notifications in ${channel.name} of ${teamName}, ${acting}` };
  } catch (error) {
    signal?.throwIfAborted();
    if (!isAoError(error)) throw error;
    return { ok: false, text: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
}

function hintFor(missing: readonly string[], hint: string | null): string {
  if (missing.length > 0) return "Add it under OAuth & Permissions, install the app again, and copy the token.";
  return hint ?? "See docs/slots/notifier-slack.md.";
}

interface Need {
  options: BotOptions;
  isPrivate: boolean | null;
}

/** Each with what it is for. None if Slack did not say what the token has. */
function missingScopes(scopes: ReadonlySet<string>, { options, isPrivate }: Need): string[] {
  if (scopes.size === 0) return [];
  const lost = `to find out whether a message arrived${options.appToken === null ? "" : ", and to get replies"}`;
  const kinds = isPrivate === null ? ["channels", "groups"] : [isPrivate ? "groups" : "channels"];
  const hasHistory = kinds.some((kind) => scopes.has(`${kind}:history`));
  const hasRead = isChannelId(options.channel) || scopes.has("channels:read") || scopes.has("groups:read");
  return [
    ...(scopes.has("chat:write") ? [] : ["chat:write (to write)"]),
    ...(hasRead ? [] : ["channels:read (to find a public channel by its name) or groups:read (a private one)"]),
    ...(hasHistory ? [] : [`${kinds.map((kind) => `${kind}:history`).join(" or ")} (${lost})`]),
  ];
}

interface ChannelReport {
  name: string;
  isPrivate: boolean | null;
  problems: string[];
  hint: string | null;
}

async function channelReport({ api, options, findPlace }: Checked, signal?: AbortSignal): Promise<ChannelReport> {
  const { channel: asked } = options;
  const shown = isChannelId(asked) ? asked : `#${asked}`;
  try {
    const { channel, ...place } = await findPlace(signal);
    const found = await lookUpChannel(api, channel, signal);
    const name = found === null ? shown : `#${found.name}`;
    const isMember = found?.isMember ?? place.isMember;
    const isPrivate = found?.isPrivate ?? place.isPrivate;
    const archived = found?.isArchived === true ? [`the channel ${name} is archived`] : [];
    const outside = isMember === false ? [`the bot is not in ${name}`] : [];
    const hint = outside.length > 0 ? `Invite it there: /invite @ao` : "Set another `channel`.";
    return { name, isPrivate, problems: [...archived, ...outside], hint };
  } catch (error) {
    signal?.throwIfAborted();
    // A scope is among those that are named anyway.
    if (codeOf(error) === "missing_scope") return { name: shown, isPrivate: null, problems: [], hint: null };
    if (codeOf(error) !== "channel_not_found") throw error;
    const { message, hint = null } = error as AoError;
    return { name: shown, isPrivate: null, problems: [message], hint };
  }
}

/** Asks for the address of a socket, and does not open it. */
async function socketProblems(
  { options, world, api }: Checked,
  appToken: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const app = openApi({ token: appToken, apiUrl: options.apiUrl, secrets: [options.token, appToken] }, world);
  try {
    await app.ask((client) => client.apps.connections.open({}), signal);
    return [];
  } catch (error) {
    signal?.throwIfAborted();
    if (!isAoError(error)) throw error;
    const lacks = codeOf(error) === "missing_scope" ? "the app-level token lacks the scope connections:write" : null;
    return [lacks ?? `\`appToken\`: ${api.redact(error.message)}`];
  }
}

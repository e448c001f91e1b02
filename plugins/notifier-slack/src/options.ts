import { isSafeAddress } from "@agent-orchestrator/plugin-kit/http/addresses";
import { checkedOptions } from "@agent-orchestrator/plugin-kit/option-problems";
import { z } from "zod";

/** What a person in Slack may be allowed to do. `open` is not among them: it opens a terminal on this machine. */
export const RIGHTS = ["answer", "approve", "merge", "restore", "send"] as const;
export type Right = (typeof RIGHTS)[number];

/** What somebody may do who is only named. A merge can't be taken back, so it is granted by its name. */
export const USUAL_RIGHTS: readonly Right[] = RIGHTS.filter((right) => right !== "merge");

const UserId = z.string().regex(/^[UW][A-Z0-9]{2,30}$/, "not the id of a user of Slack, such as U012AB3CD");

const Address = z.string().max(4096).refine(isSafeAddress, "must be an https address");

/** The keys of a notifier with `plugin: slack`. See docs/slots/notifier-slack.md. No message of theirs repeats a value. */
const Keys = z.strictObject({
  /** Of the bot. */
  token: z
    .string()
    .regex(/^xoxb-[\x21-\x7e]{1,500}$/, "must be the token of a bot (xoxb-…)")
    .optional(),
  /** A name, with or without `#`, or an id. */
  channel: z
    .string()
    .regex(/^(#?[^\s#<>&:,A-Z]{1,80}|[CGD][A-Z0-9]{5,30})$/, "must be a channel's name (#agents) or id (C012AB3CD)")
    .optional(),
  /** An incoming webhook, instead of a bot. */
  url: Address.optional(),
  /** For Socket Mode: buttons and replies that act. */
  appToken: z
    .string()
    .regex(/^xapp-[\x21-\x7e]{1,500}$/, "must be an app-level token (xapp-…)")
    .optional(),
  /** Who may act, and how. */
  users: z.union([z.array(UserId).min(1), z.record(UserId, z.array(z.enum(RIGHTS)))]).optional(),
  /** For GovSlack and tests. */
  apiUrl: Address.default("https://slack.com/api/"),
});

export interface BotOptions {
  kind: "bot";
  token: string;
  /** Without `#`. */
  channel: string;
  appToken: string | null;
  users: ReadonlyMap<string, readonly Right[]>;
  /** With a `/` at its end. */
  apiUrl: string;
}

export interface HookOptions {
  kind: "hook";
  url: string;
}

export type Options = BotOptions | HookOptions;

export function parseOptions(config: Record<string, unknown> | undefined): Options {
  const told = { of: "notifier `slack`", page: "docs/slots/notifier-slack.md", also: problemsOf };
  const { token = "", channel = "", url, appToken = null, users = {}, apiUrl } = checkedOptions(Keys, config, told);
  if (url !== undefined) return { kind: "hook", url };
  const named = Array.isArray(users)
    ? users.map((id): [string, readonly Right[]] => [id, USUAL_RIGHTS])
    : Object.entries(users);
  const base = apiUrl.endsWith("/") ? apiUrl : `${apiUrl}/`;
  return { kind: "bot", token, channel: channel.replace(/^#/, ""), appToken, users: new Map(named), apiUrl: base };
}

/** What one key says of another. */
function problemsOf({ token, channel, url, appToken, users }: z.infer<typeof Keys>): string[] {
  const wrong = (isWrong: boolean, text: string): string[] => (isWrong ? [text] : []);
  if (url !== undefined) {
    const extra = Object.entries({ token, channel, appToken, users }).filter(([, value]) => value !== undefined);
    return extra.map(
      ([key]) => `${key}: an incoming webhook (\`url\`) has none. Use \`token\` and \`channel\` instead`,
    );
  }
  return [
    ...wrong(token === undefined, "token: is missing. Set `token` and `channel`, or `url` of an incoming webhook"),
    ...wrong(channel === undefined, "channel: is missing"),
    ...wrong(appToken !== undefined && users === undefined, "users: is missing. Name who may act"),
    ...wrong(
      appToken === undefined && users !== undefined,
      "appToken: is missing. Without it, nobody can act in Slack",
    ),
  ];
}

import { discord } from "./discord.ts";
import type { Format } from "./format.ts";
import { gotify } from "./gotify.ts";
import { json } from "./json.ts";
import { ntfy } from "./ntfy.ts";
import { slack } from "./slack.ts";
import { teams } from "./teams.ts";
import { telegram } from "./telegram.ts";

export const FORMAT_NAMES = ["json", "slack", "discord", "telegram", "ntfy", "gotify", "teams"] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

export const FORMATS: Readonly<Record<FormatName, Format>> = { json, slack, discord, telegram, ntfy, gotify, teams };

/** What messages call the far end. */
export const SERVICES: Readonly<Record<FormatName, string>> = {
  json: "the webhook",
  slack: "Slack",
  discord: "Discord",
  telegram: "Telegram",
  ntfy: "ntfy",
  gotify: "Gotify",
  teams: "Teams",
};

export const NEEDS_TOKEN: readonly FormatName[] = ["telegram", "gotify"];
export const TAKES_TOKEN: readonly FormatName[] = [...NEEDS_TOKEN, "ntfy"];
export const NEEDS_CHAT: readonly FormatName[] = ["telegram"];

import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import { formatDuration } from "@agent-orchestrator/core/model/time";
import { httpFailure } from "@agent-orchestrator/plugin-kit/http/client";
import { line } from "@agent-orchestrator/plugin-kit/notice";

/** What an error of a call to Slack says to this plugin. */
export interface SlackDetails extends Record<string, unknown> {
  /** Slack's own word: `channel_not_found`. */
  slack?: string;
  needed?: string;
  retryAfterMs?: number;
  /** This message will never be taken. */
  isFinal?: true;
  /** It may have been done all the same. */
  isUnknown?: true;
}

export const detailsOf = (error: unknown): SlackDetails =>
  isAoError(error) ? ((error.details ?? {}) as SlackDetails) : {};

/** Slack's word for a refusal, or null. */
export const codeOf = (error: unknown): string | null => detailsOf(error).slack ?? null;

interface Meaning {
  text: string;
  hint: string;
}

const BAD_TOKEN: Meaning = {
  text: "Slack does not accept the token",
  hint: "Copy the bot token again, from OAuth & Permissions of the app.",
};
const NO_CHANNEL: Meaning = {
  text: "there is no such channel, or the bot may not see it",
  hint: "Check `channel`. In a private channel, invite the bot first: /invite @ao",
};
const NO_WRITING: Meaning = {
  text: "the workspace does not let the bot write there",
  hint: "Ask an admin of the workspace who may post in the channel.",
};

const MEANINGS: Readonly<Record<string, Meaning>> = {
  invalid_auth: BAD_TOKEN,
  not_authed: BAD_TOKEN,
  account_inactive: BAD_TOKEN,
  token_revoked: { ...BAD_TOKEN, text: "the token was revoked" },
  token_expired: { ...BAD_TOKEN, text: "the token has expired" },
  not_allowed_token_type: { ...BAD_TOKEN, text: "the token is of another kind" },
  channel_not_found: NO_CHANNEL,
  not_in_channel: { text: "the bot is not in the channel", hint: "Invite it there: /invite @ao" },
  is_archived: { text: "the channel is archived", hint: "Set another `channel`, or unarchive this one." },
  restricted_action: NO_WRITING,
  restricted_action_read_only_channel: NO_WRITING,
  restricted_action_thread_only_channel: NO_WRITING,
};

/** The message itself is at fault. */
const FINAL = new Set([
  ...["invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "no_text"],
  ...["invalid_arguments", "invalid_metadata_format", "metadata_too_large", "invalid_payload"],
]);

/** Slack's own failures. It says of them that a part may have been done. */
const UNKNOWN = new Set(["internal_error", "fatal_error", "request_timeout", "service_unavailable"]);

/** By then, Slack has finished what it began. */
const SETTLE_MS = 2_000;

/** The SDK's errors, by their `code`, so that they are known in a bundle as well. */
interface Thrown {
  code?: unknown;
  data?: { error?: unknown; needed?: unknown; response_metadata?: { messages?: string[] } };
  original?: unknown;
  retryAfter?: unknown;
  statusCode?: unknown;
  headers?: Record<string, string>;
}

/** Any failure of a call, without tokens, addresses or what was sent. */
export function slackError(thrown: unknown, redact: (text: string) => string): unknown {
  if (isAoError(thrown) && httpFailure(thrown) === null) return thrown;
  const { code, data, original, retryAfter, statusCode, headers } = (thrown ?? {}) as Thrown;
  if (code === "slack_webapi_rate_limited_error") return limitedError(Number(retryAfter) * 1000);
  if (code === "slack_webapi_platform_error") return refusal(data ?? {}, redact);
  if (code === "slack_webapi_http_error") return statusError(Number(statusCode), Number(headers?.["retry-after"] ?? 0));
  const inner = original ?? thrown;
  const failure = httpFailure(inner);
  if (failure === null || !isAoError(inner)) return inner;
  if (failure.kind === "limited") return limitedError(failure.waitMs);
  const reason =
    "reason" in failure ? failure.reason : failure.kind === "timeout" ? "no answer in time" : inner.message;
  const isNever = failure.kind === "certificate" || failure.kind === "refused-address" || failure.kind === "proxy";
  return new AoError(isNever ? "UNAVAILABLE" : "UNREACHABLE", `Slack was not reached: ${line(redact(reason), 200)}`, {
    hint: "Check whether this machine is online, and HTTPS_PROXY.",
    details: isNever ? {} : ({ isUnknown: true, retryAfterMs: SETTLE_MS } satisfies SlackDetails),
  });
}

export function limitedError(waitMs: number): AoError {
  const retryAfterMs = Math.max(1_000, Number.isFinite(waitMs) ? waitMs : 30_000);
  return new AoError("TRY_AGAIN", `Slack asks to wait ${formatDuration(retryAfterMs)}`, {
    hint: "ao sends it again by itself.",
    details: { retryAfterMs } satisfies SlackDetails,
  });
}

/** A server that answers without an answer. */
export function statusError(status: number, retryAfterS = 0): AoError {
  const isPassing = status >= 500 || status === 408 || status === 429;
  return new AoError(isPassing ? "UNREACHABLE" : "UNAVAILABLE", `Slack answered ${status}`, {
    hint: isPassing ? "ao sends it again by itself." : "Check `apiUrl` and the network's proxy.",
    details: {
      status,
      ...(isPassing ? { isUnknown: true, retryAfterMs: Math.max(SETTLE_MS, retryAfterS * 1_000) } : {}),
    } satisfies SlackDetails,
  });
}

function refusal(
  { error, needed, response_metadata: more }: NonNullable<Thrown["data"]>,
  redact: (text: string) => string,
) {
  // What is no JSON is Slack's answer as a whole.
  const slack = /^[a-z0-9_]{1,80}$/.test(String(error)) ? String(error) : "no usable answer";
  if (slack === "ratelimited") return limitedError(30_000);
  if (slack === "missing_scope") return scopeError(String(needed));
  if (UNKNOWN.has(slack) || slack === "no usable answer") {
    return new AoError("UNREACHABLE", `Slack answered ${slack}`, {
      hint: "ao sends it again by itself.",
      details: { slack, isUnknown: true, retryAfterMs: SETTLE_MS } satisfies SlackDetails,
    });
  }
  const known = MEANINGS[slack];
  const said = more?.messages === undefined ? "" : `: ${line(redact(more.messages.join("; ")), 200)}`;
  const details: SlackDetails = { slack, ...(FINAL.has(slack) ? { isFinal: true } : {}) };
  if (known !== undefined) return new AoError("UNAVAILABLE", `${known.text} (${slack})`, { hint: known.hint, details });
  return new AoError("UNAVAILABLE", `Slack refused it: ${slack}${said}`, {
    hint: `See https://docs.slack.dev for \`${slack}\`. \`ao doctor\` checks what can be checked.`,
    details,
  });
}

/** What an incoming webhook says in plain words. */
export function hookError(status: number, body: string): AoError {
  const slack = /^[a-z_]{1,80}$/.test(body.trim()) ? body.trim() : `status ${status}`;
  const details: SlackDetails = { slack, ...(FINAL.has(slack) ? { isFinal: true } : {}) };
  return new AoError("UNAVAILABLE", `Slack's webhook refused it: ${slack}`, {
    hint: "Check `url`. If the webhook was removed, add another one to the app.",
    details,
  });
}

export function scopeError(needed: string): AoError {
  const scope = /^[\w:.,]{1,100}$/.test(needed) ? needed : "that is needed";
  return new AoError("UNAVAILABLE", `the app lacks the scope ${scope}`, {
    hint: "Add it under OAuth & Permissions, install the app again, and copy the token.",
    details: { slack: "missing_scope", needed: scope } satisfies SlackDetails,
  });
}

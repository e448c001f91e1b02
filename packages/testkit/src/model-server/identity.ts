import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Protocol } from "./failures.ts";

export interface Identity {
  protocol: Protocol;
  conversation: string;
  client: string;
}

/** Null if it is not a request to a model. */
export function protocolOf(path: string): Protocol | null {
  if (/\/messages$/.test(path)) return "anthropic";
  if (/\/responses$/.test(path)) return "responses";
  return /\/chat\/completions$/.test(path) ? "chat" : null;
}

/** The id that the agent itself gives to the conversation, or else one derived from its first words. */
export function identityOf(protocol: Protocol, headers: IncomingHttpHeaders, body: Record<string, unknown>): Identity {
  const named = [
    headers["x-claude-code-session-id"],
    sessionOfUserId(body),
    headers.session_id,
    headers["session-id"],
    headers.conversation_id,
    headers["x-session-affinity"],
    headers["x-opencode-session"],
    body.prompt_cache_key,
    body.promptCacheKey,
  ].find((id) => typeof id === "string" && id !== "") as string | undefined;
  const client = String(headers["user-agent"] ?? "").split(/[ /]/)[0] ?? "";
  return { protocol, client, conversation: named ?? firstWords(body) };
}

/** Claude Code: `metadata.user_id` is `user_…_session_<uuid>`, in newer versions JSON with `session_id`. */
function sessionOfUserId(body: Record<string, unknown>): string | null {
  const id = (body.metadata as { user_id?: unknown } | undefined)?.user_id;
  return typeof id === "string" ? (/session(?:_|_id"\s*:\s*")([0-9a-f]{8}-[0-9a-f-]{27})/.exec(id)?.[1] ?? null) : null;
}

function firstWords(body: Record<string, unknown>): string {
  const messages = (body.messages ?? body.input ?? []) as { role?: string }[];
  const first = Array.isArray(messages) ? messages.find(({ role }) => role === "user") : messages;
  return `words-${createHash("sha256")
    .update(JSON.stringify(first ?? null))
    .digest("hex")
    .slice(0, 12)}`;
}

import { parseJson } from "@agent-orchestrator/agent-kit/kept";
import { z } from "zod";

/** The lines of Codex's own record of a conversation (`rollout-….jsonl`) that we use. All others are skipped. */
const Line = z.looseObject({ type: z.string(), payload: z.looseObject({ type: z.string().optional() }) });
const Message = z.looseObject({
  role: z.string(),
  content: z.array(z.looseObject({ text: z.string().optional() })),
});
const Call = z.looseObject({ name: z.string(), arguments: z.string().optional(), input: z.string().optional() });
const Output = z.looseObject({ output: z.union([z.string(), z.looseObject({ content: z.string().optional() })]) });
const Usage = z.looseObject({
  info: z.looseObject({
    total_token_usage: z.looseObject({
      input_tokens: z.number(),
      cached_input_tokens: z.number().nullish(),
      cache_write_input_tokens: z.number().nullish(),
      output_tokens: z.number(),
    }),
  }),
});
const UserItem = z.looseObject({ item: z.looseObject({ type: z.string(), client_id: z.string().nullish() }) });

const MAX_OUTPUT = 600;
/** What Codex puts before the user's own words, only for the model. */
const CONTEXT = /^<(environment_context|user_instructions|permissions instructions|skills_instructions|turn_aborted)/;

export interface Recorded {
  /** Ids that came with accepted messages. */
  clientIds: string[];
  /** Cumulative, as the app server would report it. */
  total: { inputTokens: number; cachedInputTokens: number; cacheWriteInputTokens: number; outputTokens: number } | null;
}

/** What happened while nobody watched, according to the end of the record. */
export function recordedIn(text: string): Recorded {
  const recorded: Recorded = { clientIds: [], total: null };
  for (const { type, payload } of linesOf(text)) {
    if (type !== "event_msg") continue;
    if (payload.type === "token_count") {
      const usage = Usage.safeParse(payload);
      if (usage.success) recorded.total = totalOf(usage.data);
    } else if (payload.type === "item_completed") {
      const item = UserItem.safeParse(payload);
      if (item.success && item.data.item.client_id) recorded.clientIds.push(item.data.item.client_id);
    }
  }
  return recorded;
}

function totalOf({ info }: z.infer<typeof Usage>): Recorded["total"] {
  const total = info.total_token_usage;
  return {
    inputTokens: total.input_tokens,
    cachedInputTokens: total.cached_input_tokens ?? 0,
    cacheWriteInputTokens: total.cache_write_input_tokens ?? 0,
    outputTokens: total.output_tokens,
  };
}

/** The conversation as plain text: who said what, the tool calls, the start of their output. */
export function transcriptOf(text: string): string {
  const parts: string[] = [];
  for (const { type, payload } of linesOf(text)) {
    const part = type === "response_item" ? partOf(payload) : null;
    if (part !== null) parts.push(part);
  }
  return parts.join("\n\n");
}

function partOf(payload: z.infer<typeof Line>["payload"]): string | null {
  if (payload.type === "message") {
    const message = Message.safeParse(payload);
    if (!message.success || !["user", "assistant"].includes(message.data.role)) return null;
    const words = message.data.content
      .map(({ text: said }) => said ?? "")
      .join("\n")
      .trim();
    if (words === "" || CONTEXT.test(words)) return null;
    return `${message.data.role === "user" ? "User" : "Codex"}: ${words}`;
  }
  if (payload.type === "function_call" || payload.type === "custom_tool_call") {
    const call = Call.safeParse(payload);
    return call.success ? `[${call.data.name}] ${commandOf(call.data)}` : null;
  }
  if (payload.type === "function_call_output" || payload.type === "custom_tool_call_output") {
    const output = Output.safeParse(payload);
    if (!output.success) return null;
    const words = typeof output.data.output === "string" ? output.data.output : (output.data.output.content ?? "");
    return words.length > MAX_OUTPUT ? `${words.slice(0, MAX_OUTPUT)} …` : words;
  }
  return null;
}

/** Arguments that are not JSON are shown verbatim. */
function commandOf(call: z.infer<typeof Call>): string {
  const { cmd } = Object(parseJson(call.arguments ?? "")) as { cmd?: unknown };
  return typeof cmd === "string" ? cmd : (call.arguments ?? call.input ?? "");
}

function* linesOf(text: string): Generator<z.infer<typeof Line>> {
  for (const line of text.split("\n")) {
    if (line === "") continue;
    // A line may be incomplete, at the cut or while it is being written.
    const parsed = Line.safeParse(parseJson(line));
    if (parsed.success) yield parsed.data;
  }
}

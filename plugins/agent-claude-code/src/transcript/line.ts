import type { Counts } from "@agent-orchestrator/agent-kit/tokens";
import { z } from "zod";
import { type Failure, failureOf } from "./failure.ts";

/** What one line of a transcript says. Times are the program's own. */
export type TranscriptEvent =
  /** The agent accepted this text, at once or from its queue. */
  | { kind: "prompt"; text: string; at: string }
  | { kind: "enqueued"; text: string; at: string }
  | { kind: "dequeued"; at: string }
  | { kind: "tool-begun"; id: string; name: string; input: unknown; at: string }
  | { kind: "tool-ended"; id: string; at: string }
  | { kind: "answered"; messageId: string; model: string; tokens: Counts; at: string }
  | { kind: "failed"; failure: Failure; at: string }
  | { kind: "interrupted"; at: string }
  | { kind: "turn-ended"; at: string }
  | { kind: "title"; text: string }
  | { kind: "last-prompt"; text: string };

const count = z.number().nonnegative().catch(0).default(0);
const Usage = z.looseObject({
  input_tokens: count,
  output_tokens: count,
  cache_read_input_tokens: count,
  cache_creation_input_tokens: count,
});
const Block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  id: z.string().optional(),
  name: z.string().optional(),
  input: z.unknown().optional(),
  tool_use_id: z.string().optional(),
});
type Block = z.infer<typeof Block>;
const Content = z.union([z.string(), z.array(Block)]).catch([]);
const Line = z.looseObject({
  type: z.string(),
  subtype: z.string().optional(),
  timestamp: z.string().optional().catch(undefined),
  isSidechain: z.boolean().optional(),
  isMeta: z.boolean().optional(),
  isCompactSummary: z.boolean().optional(),
  isApiErrorMessage: z.boolean().optional(),
  apiErrorStatus: z.number().nullable().optional().catch(undefined),
  error: z.unknown().optional(),
  operation: z.string().optional(),
  content: z.unknown().optional(),
  lastPrompt: z.string().optional(),
  aiTitle: z.string().optional(),
  customTitle: z.string().optional(),
  attachment: z.looseObject({ type: z.string(), prompt: z.unknown().optional() }).optional().catch(undefined),
  message: z
    .looseObject({
      id: z.string().optional(),
      model: z.string().optional(),
      stop_reason: z.string().nullable().optional(),
      content: Content,
      usage: Usage.optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});
type Line = z.infer<typeof Line>;

/** The kinds of lines that matter. Most bytes are in the others, which are not parsed. */
const TELLING = new Set(["user", "assistant", "system", "queue-operation", "attachment", "last-prompt"]);
const TITLES = new Set(["ai-title", "custom-title"]);

export function readLine(value: unknown): TranscriptEvent[] {
  const type = (value as { type?: unknown } | null)?.type;
  if (typeof type !== "string" || !(TELLING.has(type) || TITLES.has(type))) return [];
  const parsed = Line.safeParse(value);
  if (!parsed.success || parsed.data.isSidechain === true) return [];
  const line = parsed.data;
  const at = line.timestamp ?? "";
  switch (line.type) {
    case "user":
      return userEvents(line, at);
    case "assistant":
      return assistantEvents(line, at);
    case "system":
      return line.subtype === "turn_duration" ? [{ kind: "turn-ended", at }] : [];
    case "queue-operation":
      return queueEvents(line, at);
    case "attachment":
      return line.attachment?.type === "queued_command" ? promptEvents(line.attachment.prompt, at) : [];
    case "last-prompt":
      return line.lastPrompt === undefined ? [] : [{ kind: "last-prompt", text: line.lastPrompt }];
    default:
      return titleEvents(line.customTitle ?? line.aiTitle);
  }
}

const titleEvents = (text: string | undefined): TranscriptEvent[] =>
  text === undefined ? [] : [{ kind: "title", text }];

function queueEvents({ operation, content }: Line, at: string): TranscriptEvent[] {
  if (operation !== "enqueue") return [{ kind: "dequeued", at }];
  return typeof content === "string" && isWords(content) ? [{ kind: "enqueued", text: content, at }] : [];
}

function userEvents(line: Line, at: string): TranscriptEvent[] {
  const content = line.message?.content ?? [];
  const blocks: Block[] = typeof content === "string" ? [{ type: "text", text: content, input: undefined }] : content;
  const events: TranscriptEvent[] = [];
  for (const block of blocks) {
    if (block.type === "tool_result" && block.tool_use_id !== undefined)
      events.push({ kind: "tool-ended", id: block.tool_use_id, at });
    if (block.type !== "text" || block.text === undefined) continue;
    if (block.text.startsWith("[Request interrupted by user")) events.push({ kind: "interrupted", at });
    else if (line.isMeta !== true && line.isCompactSummary !== true) events.push(...promptEvents(block.text, at));
  }
  return events;
}

const promptEvents = (text: unknown, at: string): TranscriptEvent[] =>
  typeof text === "string" && isWords(text) ? [{ kind: "prompt", text, at }] : [];

/** Not what the program writes in its user's name: notes of finished tasks, commands and their output. */
export const isWords = (text: string): boolean =>
  !/^\s*<(?:task-notification|command-(?:name|message|args)|local-command-|bash-|system-reminder)/.test(text);

function assistantEvents(line: Line, at: string): TranscriptEvent[] {
  const { message } = line;
  if (message === undefined) return [];
  const blocks = typeof message.content === "string" ? [] : message.content;
  if (line.isApiErrorMessage === true) {
    const text = blocks.find((block) => block.type === "text")?.text ?? "";
    const error = typeof line.error === "string" ? line.error : null;
    return [{ kind: "failed", failure: failureOf(text, error, line.apiErrorStatus ?? null), at }];
  }
  const events: TranscriptEvent[] = [];
  const answer = answerOf(line);
  if (answer !== null) events.push({ kind: "answered", ...answer, at });
  for (const block of blocks) {
    if (block.type === "tool_use" && block.id !== undefined)
      events.push({ kind: "tool-begun", id: block.id, name: block.name ?? "a tool", input: block.input, at });
  }
  return events;
}

interface Answer {
  messageId: string;
  model: string;
  tokens: Counts;
}

function answerOf({ type, message }: Line): Answer | null {
  if (type !== "assistant" || message?.usage === undefined || message.id === undefined) return null;
  if (message.model === "<synthetic>") return null;
  return { messageId: message.id, model: message.model ?? "unknown", tokens: tokensOf(message.usage) };
}

/** What an answer of the model used, in any line, including a subagent's. */
export function answerIn(value: unknown): Answer | null {
  if ((value as { type?: unknown } | null)?.type !== "assistant") return null;
  const parsed = Line.safeParse(value);
  return parsed.success ? answerOf(parsed.data) : null;
}

const tokensOf = (usage: z.infer<typeof Usage>): Counts => ({
  input: usage.input_tokens,
  output: usage.output_tokens,
  cacheRead: usage.cache_read_input_tokens,
  cacheWrite: usage.cache_creation_input_tokens,
});

import { parseJson } from "@agent-orchestrator/agent-kit/kept";

import { EVENT_TYPES, ServerEvent } from "./wire.ts";

/** An event starts with its kind. Most events are pieces of streamed text, and can be dropped without parsing. */
const HEAD = /^data: \{(?:"id":"[^"]*",)?"type":"([^"]+)"/;
/** Each update of a tool contains its whole output. A longer line is not one of our events. */
const MAX_LINE = 16 * 1024 * 1024;

/** One line of the event stream. Null if it is not an event, or not one that we use. */
export function eventOf(line: string): ServerEvent | null {
  const type = HEAD.exec(line)?.[1];
  if (type !== undefined && !EVENT_TYPES.has(type)) return null;
  if (!line.startsWith("data: ")) return null;
  const parsed = ServerEvent.safeParse(parseJson(line.slice("data: ".length)));
  return parsed.success ? parsed.data : null;
}

const CONVERSATION = /"sessionID":"([^"]+)"/;

/** The conversation in which a message grows, if that is what a line says. Streamed pieces are not parsed for it. */
export function growthIn(line: string): string | null {
  const type = HEAD.exec(line)?.[1];
  return type?.startsWith("message.part.") === true ? (CONVERSATION.exec(line)?.[1] ?? null) : null;
}

/** The lines of a byte stream, as they become complete. */
export async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true });
    if (rest.length > MAX_LINE) throw new Error("a line of the event stream has no end");
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

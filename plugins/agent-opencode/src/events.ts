import { parseJson } from "./record.ts";
import { EVENT_TYPES, ServerEvent } from "./wire.ts";

/** The kind of an event stands at its head; a piece of streamed text, which most events are, need not be parsed to be dropped. */
const HEAD = /^data: \{(?:"id":"[^"]*",)?"type":"([^"]+)"/;
/** A tool's whole output comes with each update of it. More than this in one line is not an event of ours. */
const MAX_LINE = 16 * 1024 * 1024;

/** One line of the event stream. null: no event, or one that says nothing to us. */
export function eventOf(line: string): ServerEvent | null {
  const type = HEAD.exec(line)?.[1];
  if (type !== undefined && !EVENT_TYPES.has(type)) return null;
  if (!line.startsWith("data: ")) return null;
  const parsed = ServerEvent.safeParse(parseJson(line.slice("data: ".length)));
  return parsed.success ? parsed.data : null;
}

/** Lines of a stream of bytes, as they become whole. */
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

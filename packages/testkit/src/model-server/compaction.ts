import { type ModelMessage, textOf } from "./conversation.ts";

/** How the programs ask for the summary of a conversation (Claude Code, Codex, OpenCode). */
const ASKS =
  /create a detailed summary of the conversation|CONTEXT CHECKPOINT COMPACTION|handoff summary for another|anchored summary|detailed prompt for continuing our conversation|how to write this summary/i;
const TAKES = /%%compact (\d+(?:\.\d+)?)/g;

export interface Compaction {
  /** As the last `%%compact` in the conversation says. */
  delayMs: number;
  /** The program did it by itself in the middle of a turn, which then continues. */
  isInTurn: boolean;
}

/** What a request for a summary asks for. Null if it is none. */
export function compactionIn(messages: readonly ModelMessage[]): Compaction | null {
  const last = messages.at(-1);
  if (last === undefined || !ASKS.test(textOf(last.content))) return null;
  const texts = messages.map(({ content }) => textOf(content)).join("\n");
  const seconds = [...texts.matchAll(TAKES)].at(-1)?.[1] ?? "0";
  const before = messages.slice(0, -1).findLast(({ role }) => role === "assistant" || role === "tool");
  const isInTurn = before?.role === "tool" || (before?.tool_calls ?? []).length > 0;
  return { delayMs: Number(seconds) * 1000, isInTurn };
}

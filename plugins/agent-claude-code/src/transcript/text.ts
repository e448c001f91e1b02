import { parseJson } from "@agent-orchestrator/agent-kit/kept";
import { textFrom } from "@agent-orchestrator/agent-kit/text-end";
import { cleanForTerminal } from "@agent-orchestrator/core/model/text";
import { z } from "zod";
import { whatOf } from "./fold.ts";
import { isWords } from "./line.ts";

/** Tool results and images are most of a transcript, but not part of its story. */
const BYTES_PER_BYTE = 20;
const MAX_READ_BYTES = 32 * 1024 * 1024;

const Block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  name: z.string().optional(),
  input: z.unknown().optional(),
});
const Told = z.looseObject({
  type: z.enum(["user", "assistant"]),
  isSidechain: z.boolean().optional(),
  isMeta: z.boolean().optional(),
  message: z.looseObject({ content: z.union([z.string(), z.array(Block)]) }),
});

/** The end of a conversation as plain text, in at most this many bytes. */
export function transcriptText(path: string, maxBytes: number): string {
  const text = textFrom(path, -Math.min(maxBytes * BYTES_PER_BYTE, MAX_READ_BYTES)) ?? "";
  const parts = text.split("\n").flatMap(partsOf);
  let size = 0;
  const kept: string[] = [];
  for (const part of parts.reverse()) {
    size += Buffer.byteLength(part) + 2;
    if (size > maxBytes) break;
    kept.push(part);
  }
  return kept.reverse().join("\n\n");
}

function partsOf(line: string): string[] {
  const told = Told.safeParse(parseJson(line)).data;
  // Another kind of line, or one that was cut off.
  if (told === undefined || told.isSidechain === true || told.isMeta === true) return [];
  const { content } = told.message;
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : content;
  return blocks.flatMap((block) => partOf(told.type, block));
}

function partOf(speaker: "user" | "assistant", block: z.infer<typeof Block>): string[] {
  if (block.type === "text" && block.text !== undefined && isWords(block.text))
    return [`${speaker === "user" ? "User" : "Claude"}: ${cleanForTerminal(block.text).trim()}`];
  if (block.type === "tool_use") return [`[${block.name ?? "tool"}] ${cleanForTerminal(whatOf(block.input))}`.trim()];
  return [];
}

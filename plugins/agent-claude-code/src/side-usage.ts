import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { addTokens } from "@agent-orchestrator/agent-kit/tokens";
import { lineReader } from "@agent-orchestrator/plugin-kit/jsonl-lines";
import { z } from "zod";
import { Tokens } from "./fold.ts";
import { answerIn } from "./transcript-line.ts";

/** What one subagent has used. It writes its own transcript, and its parent's does not mention it. */
const Side = z.object({
  offset: z.number(),
  tokens: z.record(z.string(), Tokens),
  last: z.object({ id: z.string(), model: z.string(), tokens: Tokens }).nullable(),
});
type Side = z.infer<typeof Side>;

/** By file name. */
export const Sides = z.record(z.string(), Side);
export type Sides = z.infer<typeof Sides>;

const MAX_LINE_BYTES = 4 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
/** How much of one file to read per look. The rest follows with the next. */
const MAX_CHUNKS = 16;

/** Reads more of the transcripts of all subagents of a conversation. */
export function readSides(transcript: string, known: Sides): Sides {
  const dir = join(transcript.replace(/\.jsonl$/, ""), "subagents");
  const sides = { ...known };
  for (const name of namesIn(dir)) {
    const path = join(dir, name);
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const side = sides[name] ?? { offset: 0, tokens: {}, last: null };
    if (size > side.offset) sides[name] = readOn(path, side);
  }
  return sides;
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir).filter((name) => name.endsWith(".jsonl"));
  } catch {
    return []; // There has been no subagent yet.
  }
}

function readOn(path: string, before: Side): Side {
  const side: Side = { ...before, tokens: { ...before.tokens } };
  const onLine = (value: unknown, offset: number): void => {
    side.offset = offset;
    const answer = answerIn(value);
    if (answer === null) return;
    const { messageId: id, model, tokens } = answer;
    // An answer is written as several lines with the same counts.
    const less = side.last?.id === id ? side.last.tokens : undefined;
    side.tokens[model] = addTokens(side.tokens[model], tokens, less);
    side.last = { id, model, tokens };
  };
  const onSkipped = (_what: string, offset: number): void => {
    side.offset = offset;
  };
  const lines = lineReader({ maxLineBytes: MAX_LINE_BYTES, onLine, onSkipped });
  lines.restart(before.offset);
  const fd = openSync(path, "r");
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let turn = 0, at = before.offset; turn < MAX_CHUNKS; turn++) {
      const length = readSync(fd, chunk, 0, CHUNK_BYTES, at);
      lines.add(chunk.subarray(0, length));
      at += length;
      if (length < CHUNK_BYTES) break;
    }
  } finally {
    closeSync(fd);
  }
  return side;
}

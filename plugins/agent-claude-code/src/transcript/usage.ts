import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { addTokens, type Counts } from "@agent-orchestrator/agent-kit/tokens";
import type { UsageReport } from "@agent-orchestrator/core/model/usage";
import { lineReader } from "@agent-orchestrator/plugin-kit/jsonl-lines";
import { z } from "zod";
import { type Folded, Tokens } from "./fold.ts";
import { answerIn } from "./line.ts";

/**
 * Dollars from the status line. The program counts them for its process. On a resume it continues after a clean exit, starts over after
 * a crash, and does one or the other after /clear, depending on the version. So each reading counts as the increase over the reading
 * before.
 */
export const Ledger = z.object({
  launch: z.number().nullable(),
  reading: z.number(),
  /** By conversation. */
  usd: z.record(z.string(), z.number()),
});
export type Ledger = z.infer<typeof Ledger>;

export const emptyLedger = (): Ledger => ({ launch: null, reading: 0, usd: {} });

export function bookReading(ledger: Ledger, at: { launch: number; conversation: string; reading: number }): Ledger {
  const { launch, conversation, reading } = at;
  const more = spentSince(ledger, launch, reading);
  const usd = { ...ledger.usd, [conversation]: (ledger.usd[conversation] ?? 0) + more };
  return { launch, reading, usd };
}

function spentSince(ledger: Ledger, launch: number, reading: number): number {
  // The first reading of a process, before its first prompt: what it remembers from earlier processes.
  if (ledger.launch !== null && ledger.launch !== launch) return Math.max(0, reading - ledger.reading);
  return reading >= ledger.reading ? reading - ledger.reading : reading;
}

/** Null if nothing was used or nothing is known. Dollars cover all models and are attributed to the most-used one. */
export function usageOf(
  conversation: string,
  used: { folded: Folded; sides: Sides; ledger: Ledger },
): UsageReport | null {
  const sums: Record<string, Counts> = { ...used.folded.tokens };
  for (const { tokens } of Object.values(used.sides)) {
    for (const [model, more] of Object.entries(tokens)) sums[model] = addTokens(sums[model], more);
  }
  const models = Object.entries(sums).sort(([, a], [, b]) => b.output - a.output);
  const usd = used.ledger.usd[conversation];
  if (models.length === 0) return null;
  return {
    key: conversation,
    models: models.map(([model, tokens], index) => ({
      model,
      tokens,
      usd: usd === undefined ? null : index === 0 ? usd : 0,
    })),
  };
}

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

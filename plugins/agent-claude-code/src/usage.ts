import { addTokens, type Counts } from "@agent-orchestrator/agent-kit/tokens";
import type { UsageReport } from "@agent-orchestrator/core/model/usage";
import { z } from "zod";
import type { Folded } from "./fold.ts";
import type { Sides } from "./side-usage.ts";

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

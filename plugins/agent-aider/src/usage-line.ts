/** `Tokens: 2.3k sent, 1.1k cache write, 500 cache hit, 120 received. Cost: $0.01 message, $0.02 session.` Aider rounds the counts. */
export interface UsageLine {
  sent: number;
  cacheWrite: number;
  cacheHit: number;
  received: number;
  /** The cost of this run of aider so far. Null if it knows no price for the model. */
  sessionUsd: number | null;
}

const TOKENS =
  /^Tokens: ([\d.]+[kM]?) sent(?:, ([\d.]+[kM]?) cache write)?(?:, ([\d.]+[kM]?) cache hit)?, ([\d.]+[kM]?) received\./;
const COST = /Cost: \$[\d.]+ message, \$([\d.]+) session\.$/;

/** Null if it is not such a line. The cost is on a separate line if both kinds of cache were used. */
export function parseUsageLine(line: string): UsageLine | null {
  const tokens = TOKENS.exec(line);
  const cost = COST.exec(line)?.[1];
  if (tokens === null && !(cost !== undefined && line.startsWith("Cost: "))) return null;
  const [, sent = "0", write = "0", hit = "0", received = "0"] = tokens ?? [];
  return {
    sent: toCount(sent),
    cacheWrite: toCount(write),
    cacheHit: toCount(hit),
    received: toCount(received),
    sessionUsd: cost === undefined ? null : Number(cost),
  };
}

function toCount(text: string): number {
  const factor = text.endsWith("k") ? 1_000 : text.endsWith("M") ? 1_000_000 : 1;
  return Math.round(Number.parseFloat(text) * factor);
}

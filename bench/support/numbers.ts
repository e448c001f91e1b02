export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(part * sorted.length) - 1))] ?? Number.NaN;
}

export const p95 = (values: readonly number[]): number => quantile(values, 0.95);

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(middle)] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

export async function timed(work: () => unknown): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** Measures both in turns, so that other load on the machine affects both alike. The first turn of each is not counted. */
export async function byTurns(
  rounds: number,
  sides: { ao(round: number): Promise<number>; byHand(round: number): Promise<number> },
): Promise<{ ao: number[]; byHand: number[] }> {
  const samples = { ao: [] as number[], byHand: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const order = round % 2 === 0 ? (["byHand", "ao"] as const) : (["ao", "byHand"] as const);
    for (const side of order) {
      const took = await sides[side](round);
      if (round > 0) samples[side].push(took);
    }
  }
  return samples;
}

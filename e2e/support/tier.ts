/** `AO_TEST_TIER=nightly` runs the long form of a test, and the daily run a short one. Both say which. */
export const isNightly = process.env.AO_TEST_TIER === "nightly";

export function figure(text: string): void {
  process.stdout.write(`  figure (${isNightly ? "nightly" : "everyday"}): ${text}\n`);
}

export const rounds = (everyday: number, nightly: number): number => (isNightly ? nightly : everyday);

/** Seeded, so that a run can be repeated: SEED=… */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** All of them in the nightly tier. Each day about half, chosen by `SEED`, which is printed. */
export function someOf<T>(all: readonly T[]): T[] {
  if (isNightly) return [...all];
  const seed = newSeed();
  const random = seededRandom(seed);
  const left = all.map((one, at) => ({ one, at, luck: random() })).sort((a, b) => a.luck - b.luck);
  const chosen = left.slice(0, Math.ceil(all.length / 2)).sort((a, b) => a.at - b.at);
  figure(`${chosen.length} of ${all.length} cases, SEED=${seed}`);
  return chosen.map(({ one }) => one);
}

export function newSeed(): number {
  return process.env.SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(process.env.SEED);
}

/** One of them each day, in turn, beginning at a place that depends on the name. Null at night: all of them. `DAY=…` repeats a day. */
export function ofToday<T>(all: readonly T[], name: string): T | null {
  if (isNightly || all.length === 0) return null;
  const day = Number(process.env.DAY ?? Math.floor(Date.now() / 86_400_000));
  const offset = [...name].reduce((sum, char) => sum + (char.codePointAt(0) ?? 0), 0);
  return all[(day + offset) % all.length] ?? null;
}

/** Levenshtein distance with swapped neighbours counted as one, given up above `max`. */
export function editDistance(a: string, b: string, max = 4): number {
  if (Math.abs(a.length - b.length) > max) return max + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

const plain = (word: string): string => word.toLowerCase().replace(/[-_. ]/g, "");

/** The known word that was probably meant, or null. Case and separators don't count. A short word may differ by one letter. */
export function nearest(word: string, known: readonly string[], isStrict = false): string | null {
  const wanted = plain(word).slice(0, 64);
  const slips = wanted.length <= 3 ? 1 : wanted.length <= 6 ? 2 : 3;
  // If other words are allowed too, only a typo counts.
  const allowed = isStrict ? Math.max(1, slips - 1) : slips;
  let best: { word: string; distance: number } | null = null;
  for (const candidate of known) {
    const distance = editDistance(wanted, plain(candidate));
    if (distance <= allowed && (best === null || distance < best.distance)) best = { word: candidate, distance };
  }
  return best?.word ?? null;
}

export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const meant = nearest(word, known);
  return meant === null ? undefined : `did you mean \`${meant}\`?`;
}

export interface ShortDiff {
  added: number;
  removed: number;
  /** Prefixed with `-`, `+` or a blank. */
  lines: string[];
}

const CONTEXT = 1;

/** What changed between two texts, as one block. Enough to look at, but not a patch. */
export function shortDiff(before: string | null, after: string): ShortDiff {
  const old = linesOf(before ?? "");
  const now = linesOf(after);
  let first = 0;
  while (first < Math.min(old.length, now.length) && old[first] === now[first]) first += 1;
  let last = 0;
  while (last < Math.min(old.length, now.length) - first && old[old.length - 1 - last] === now[now.length - 1 - last]) {
    last += 1;
  }
  const removed = old.slice(first, old.length - last);
  const added = now.slice(first, now.length - last);
  return {
    added: added.length,
    removed: removed.length,
    lines: [
      ...old.slice(Math.max(0, first - CONTEXT), first).map((line) => `  ${line}`),
      ...removed.map((line) => `- ${line}`),
      ...added.map((line) => `+ ${line}`),
      ...old.slice(old.length - last, old.length - last + CONTEXT).map((line) => `  ${line}`),
    ],
  };
}

const linesOf = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

/** The versions that this plugin was recorded and tested with. Versions between them are assumed to behave alike. */
export const TRIED = ["2.1.197", "2.1.332"] as const;

/** False for a version that is older or newer than all tested ones, and for an unknown one. */
export function isTried(version: string | null): boolean {
  if (version === null) return false;
  return compare(version, TRIED[0]) >= 0 && compare(version, TRIED[1]) <= 0;
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((each) => each.split(".").map(Number));
  for (let index = 0; index < 3; index++) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

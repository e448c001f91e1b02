import { type BigIntStats, statSync } from "node:fs";

/** Undefined if there is nothing that can be reached. */
export function statOf(file: string): BigIntStats | undefined {
  try {
    return statSync(file, { bigint: true });
  } catch {
    return undefined; // Missing, below a file, a link in a circle, or not ours to see.
  }
}

/** Changes whenever a file is written, replaced, created or removed. */
export function stampOf(file: string): string {
  const stat = statOf(file);
  return stat === undefined ? "-" : [stat.mtimeNs, stat.ctimeNs, stat.size, stat.ino].join(".");
}

import type { BigIntStats } from "node:fs";

/** Changes whenever the file is replaced or written. */
export const stampOf = (stat: BigIntStats): string => `${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;

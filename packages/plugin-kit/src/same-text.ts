import { timingSafeEqual } from "node:crypto";

/** Whether a proof is the right one, in a time that does not show how much of it is. */
export function isSameText(given: string | undefined, right: string): boolean {
  if (given === undefined) return false;
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

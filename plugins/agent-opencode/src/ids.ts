import { createHash } from "node:crypto";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const TAIL = 14;

/**
 * An id in OpenCode's format: a kind, twelve hex digits that increase with time (milliseconds × 4096, the lowest 48 bits), and 14
 * characters. Ours are derived from the message's id, so that OpenCode recognises the same message when it is sent again.
 */
export function openCodeId(kind: "msg" | "prt", messageId: string, nowMs: number): string {
  const time = ((BigInt(nowMs) * 4096n) & 0xffff_ffff_ffffn).toString(16).padStart(12, "0");
  const hash = createHash("sha256").update(messageId).digest();
  const tail = [...hash.subarray(0, TAIL)].map((byte) => DIGITS[byte % DIGITS.length]).join("");
  return `${kind}_${time}${tail}`;
}

import { createHash } from "node:crypto";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const TAIL = 14;

/**
 * An id as OpenCode makes them: a kind, twelve hex digits that rise with time (milliseconds × 4096, the lowest 48 bits), and 14
 * characters. Ours come from the message's own id, so that a second hand-over of the same message is the same one to OpenCode.
 */
export function openCodeId(kind: "msg" | "prt", messageId: string, nowMs: number): string {
  const time = ((BigInt(nowMs) * 4096n) & 0xffff_ffff_ffffn).toString(16).padStart(12, "0");
  const hash = createHash("sha256").update(messageId).digest();
  const tail = [...hash.subarray(0, TAIL)].map((byte) => DIGITS[byte % DIGITS.length]).join("");
  return `${kind}_${time}${tail}`;
}

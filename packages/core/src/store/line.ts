import { crcHex } from "./crc.ts";

/** The seal of a line: `,"c":"xxxxxxxx"}`. */
const SEAL_BYTES = 16;
const SEAL = /^,"c":"([0-9a-f]{8})"\}$/;

/** One JSON object as a line (no newline) whose last member is the CRC-32 of the bytes before that member. */
export function sealLine(value: Record<string, unknown>): Buffer {
  const body = Buffer.from(JSON.stringify(value).slice(0, -1), "utf8");
  return Buffer.concat([body, Buffer.from(`,"c":"${crcHex(body)}"}`, "latin1")]);
}

/** Whether the seal matches the bytes before it. */
export function isSealed(line: Buffer): boolean {
  if (line.length <= SEAL_BYTES || line[0] !== 0x7b) return false;
  const body = line.subarray(0, line.length - SEAL_BYTES);
  const seal = SEAL.exec(line.toString("latin1", line.length - SEAL_BYTES));
  return seal !== null && seal[1] === crcHex(body);
}

/** The object of a sealed line, or null if it isn't one. */
export function openLine(line: Buffer): Record<string, unknown> | null {
  if (!isSealed(line)) return null;
  try {
    const value: unknown = JSON.parse(line.toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    // Sealed but not JSON, so we did not write it.
    return null;
  }
}

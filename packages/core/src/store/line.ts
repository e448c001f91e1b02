import { crcHex } from "./crc.ts";
import type { SignedKind, Signer } from "./signer.ts";

/** The seal of a line: `,"c":"xxxxxxxx"}`. */
const SEAL_BYTES = 16;
const SEAL = /^,"c":"([0-9a-f]{8})"\}$/;
/** The signature before it: `,"m":"…"` with 32 digits. */
const SIGNATURE_BYTES = 39;
const SIGNATURE = /^,"m":"([0-9a-f]{32})"$/;

export interface Sealed {
  line: Buffer;
  /** 32 hex digits. */
  signature: string;
}

/**
 * One JSON object as a line (no newline). Its last members are a signature of the bytes before it, and the CRC-32 of
 * everything before that member.
 */
export function sealLine(value: Record<string, unknown>, signer: Signer, kind: SignedKind): Sealed {
  return sealText(Buffer.from(JSON.stringify(value).slice(0, -1), "utf8"), signer, kind);
}

/** The same for an object's JSON text without its closing brace. */
export function sealText(text: Buffer, signer: Signer, kind: SignedKind): Sealed {
  const signature = signer.sign(kind, text);
  const body = Buffer.concat([text, Buffer.from(`,"m":"${signature}"`, "latin1")]);
  return { line: Buffer.concat([body, Buffer.from(`,"c":"${crcHex(body)}"}`, "latin1")]), signature };
}

/** Whether the seal matches the bytes before it. */
export function isSealed(line: Buffer): boolean {
  if (line.length <= SEAL_BYTES || line[0] !== 0x7b) return false;
  const body = line.subarray(0, line.length - SEAL_BYTES);
  const seal = SEAL.exec(line.toString("latin1", line.length - SEAL_BYTES));
  return seal !== null && seal[1] === crcHex(body);
}

/** The signature of a sealed line, or null if it has none: earlier versions wrote none. */
export function signatureOf(line: Buffer): string | null {
  const end = line.length - SEAL_BYTES;
  return SIGNATURE.exec(line.toString("latin1", Math.max(0, end - SIGNATURE_BYTES), end))?.[1] ?? null;
}

/** Whether a sealed line was signed with this home's secret. */
export function isSigned(line: Buffer, signer: Signer, kind: SignedKind): boolean {
  const signature = signatureOf(line);
  return (
    signature !== null && signer.sign(kind, line.subarray(0, line.length - SEAL_BYTES - SIGNATURE_BYTES)) === signature
  );
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

/** The line of a file that has one. */
export const onlyLine = (bytes: Buffer): Buffer => (bytes.at(-1) === 10 ? bytes.subarray(0, -1) : bytes);

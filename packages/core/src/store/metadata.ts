import type { SessionRecord } from "../model/session.ts";
import { crcHex } from "./crc.ts";
import type { Signer } from "./signer.ts";

/** A metadata file has key=value lines for people and scripts. One line never becomes two keys. */
export type Entries = ReadonlyMap<string, string>;

export const MAX_METADATA_BYTES = 256 << 10;

const HEAD = "#ao-meta 1";
const KEY = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const FORBIDDEN = new Set(["__proto__", "constructor", "prototype"]);
const SEAL = /(?:^|\n)#end (\d{1,7}) ([0-9a-f]{8})(?: ([0-9a-f]{32}))?\n$/;

export const isMetadataKey = (key: string): boolean => KEY.test(key) && !FORBIDDEN.has(key);

/** Control characters, line and paragraph separators, backslashes and lone surrogates. */
const SPECIAL =
  /[\\\u0000-\u001f\u007f-\u009f\u2028\u2029]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const SHORT: Record<string, string> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const LONG: Record<string, string> = { "\\": "\\", n: "\n", r: "\r", t: "\t" };

export function escapeValue(value: string): string {
  return value.replace(SPECIAL, (char) => SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Null if it contains an escape that we don't write. */
export function unescapeValue(text: string): string | null {
  let isGood = true;
  const value = text.replace(/\\(?:u([0-9a-f]{4})|([\s\S]?))/g, (_, hex: string | undefined, short: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    isGood &&= Object.hasOwn(LONG, short);
    return LONG[short] ?? "";
  });
  return isGood ? value : null;
}

/** The lines between head and seal without `rev`, for comparing contents. */
export function renderBody(entries: Entries): string {
  let body = "";
  for (const [key, value] of entries) {
    if (!isMetadataKey(key)) throw new Error(`not a metadata key: ${JSON.stringify(key)}`);
    if (key !== "rev") body += `${key}=${escapeValue(value)}\n`;
  }
  return body;
}

/** Signs the text of one session's file: 32 hex digits. */
export type SignText = (text: Uint8Array) => string;

/** The signature covers whose file it is, so that one session's file can't become another's. */
export const metadataSigner =
  (signer: Signer, { instanceId, projectId, id }: Pick<SessionRecord, "instanceId" | "projectId" | "id">): SignText =>
  (text) =>
    signer.sign("metadata", Buffer.concat([Buffer.from(`${instanceId} ${projectId} ${id}\n`), text]));

/** The whole file. `rev` is the number of the last log line it reflects. */
export function renderMetadata(body: string, rev: number, sign: SignText): string {
  const sealed = `${HEAD}\nrev=${rev}\n${body}`;
  const bytes = Buffer.from(sealed, "utf8");
  return `${sealed}#end ${bytes.length} ${crcHex(bytes)} ${sign(bytes)}\n`;
}

export interface ParsedMetadata {
  /** `sealed`: as we wrote it. `hand-edited`: readable, but changed. `damaged`: neither. */
  verdict: "sealed" | "hand-edited" | "damaged";
  /** Empty if damaged. */
  entries: Map<string, string>;
  /** It is sealed, and was signed with this home's secret. Files of earlier versions have no signature. */
  isSigned: boolean;
}

/** Never throws, whatever the bytes are. */
export function parseMetadata(bytes: Buffer, sign: SignText | null = null): ParsedMetadata {
  const entries = bytes.length > MAX_METADATA_BYTES ? null : readLines(bytes);
  if (entries === null) return { verdict: "damaged", entries: new Map(), isSigned: false };
  const seal = sealOf(bytes);
  const isSigned = seal !== null && sign !== null && seal.signature === sign(bytes.subarray(0, seal.length));
  // Without a signature it may be from an earlier version. A wrong one is nobody's.
  const isSealed = isSigned || (seal !== null && (seal.signature === null || sign === null));
  return { verdict: isSealed ? "sealed" : "hand-edited", entries, isSigned };
}

function readLines(bytes: Buffer): Map<string, string> | null {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Not UTF-8, which is a verdict and not an error.
    return null;
  }
  const entries = new Map<string, string>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const split = line.indexOf("=");
    const key = line.slice(0, Math.max(0, split));
    const value = unescapeValue(line.slice(split + 1));
    if (!isMetadataKey(key) || value === null || entries.has(key) || line.includes("\0")) return null;
    entries.set(key, value);
  }
  return entries;
}

/** The length of what is sealed, and its signature if there is one. Null if it isn't what was sealed. */
function sealOf(bytes: Buffer): { length: number; signature: string | null } | null {
  const text = bytes.toString("latin1");
  const seal = SEAL.exec(text);
  if (seal === null || !text.startsWith(`${HEAD}\n`)) return null;
  const length = seal.index + (text[seal.index] === "\n" ? 1 : 0);
  const isWhole = seal[1] === String(length) && seal[2] === crcHex(bytes.subarray(0, length));
  return isWhole ? { length, signature: seal[3] ?? null } : null;
}

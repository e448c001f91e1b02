import zlib from "node:zlib";

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

/** CRC-32 (ISO-HDLC, as in zip and PNG) from a table, for Node 20 before 20.15, whose zlib has none. */
export function crc32ByTable(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 255] as number);
  return (crc ^ 0xffffffff) >>> 0;
}

const native = (zlib as { crc32?: (bytes: Uint8Array) => number }).crc32;

export const crc32: (bytes: Uint8Array) => number = native ?? crc32ByTable;

/** Eight lower-case hex digits, as in all our formats. */
export const crcHex = (bytes: Uint8Array): string => crc32(bytes).toString(16).padStart(8, "0");

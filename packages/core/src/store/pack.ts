import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { atomicReplace, readSmall, removeIfThere, syncDir } from "../host/files.ts";
import type { Fs } from "../host/fs-port.ts";
import { isSigned, sealLine, sealText } from "./line.ts";
import { type BareLine, bySeq, linesOf, type Member, type PackIndex, sumOf } from "./packed.ts";
import {
  type Line,
  listSegments,
  MAX_SEGMENT_BYTES,
  PREVIOUS_DIGITS,
  packIndexName,
  packName,
  type SegmentFile,
  scanSegment,
} from "./segment.ts";
import type { Signer } from "./signer.ts";

interface PackOptions {
  fs: Fs;
  dir: string;
  signer: Signer;
}

/**
 * Packs each segment that is closed, undamaged and signed: about a tenth of its size, and one session's events can be
 * read without the others. A packed segment gives back each line byte for byte: that is checked before the plain file
 * is removed. Returns how many were packed.
 */
export function packClosed(options: PackOptions): number {
  const segments = listSegments(options.fs, options.dir);
  return segments.slice(0, -1).filter((segment) => !segment.isPacked && packOne(segment, options)).length;
}

function packOne(segment: SegmentFile, { fs, dir, signer }: PackOptions): boolean {
  const bytes = readSmall(segment.path, { fs, maxBytes: MAX_SEGMENT_BYTES });
  const lines = bytes === null ? null : wholeLines(bytes, segment.firstSeq, signer);
  const [first, last] = [lines?.[0], lines?.at(-1)];
  if (bytes === null || lines === null || first === undefined || last === undefined) return false;
  const groups = grouped(lines);
  const packed = compress(groups);
  const index: PackIndex = {
    first: first.record.seq,
    last: last.record.seq,
    prev: first.previous,
    signature: last.signature ?? "",
    members: packed.members,
  };
  const back = index.members.flatMap(({ at, length }) => linesOf(packed.bytes.subarray(at, at + length)));
  if (!restored(back.sort(bySeq), { index, signer }).equals(bytes)) return false;
  atomicReplace(join(dir, packName(segment.firstSeq)), packed.bytes, { fs });
  const { line } = sealLine({ ...index }, signer, "pack");
  atomicReplace(join(dir, packIndexName(segment.firstSeq)), Buffer.concat([line, NEWLINE]), { fs });
  if (!removeIfThere(fs, segment.path)) return false;
  syncDir(fs, dir);
  return true;
}

const NEWLINE = Buffer.from("\n");

/** Its lines, or null if there is anything in it that is not one of ours in its place: evidence stays as it is. */
function wholeLines(bytes: Buffer, firstSeq: number, signer: Signer): Line[] | null {
  const lines: Line[] = [];
  for (const piece of scanSegment(bytes)) {
    const isNext = piece.record?.seq === firstSeq + lines.length;
    if (piece.record === null || !isNext || !piece.isTerminated || !isSigned(piece.line, signer, "line")) return null;
    lines.push(piece);
  }
  return lines;
}

interface Group {
  sessionId: string | null;
  isPublic: boolean;
  lines: Buffer[];
}

function grouped(lines: readonly Line[]): Group[] {
  const groups = new Map<string, Group>();
  for (const line of lines) {
    const { sessionId: named, priority } = line.record;
    const sessionId = typeof named === "string" ? named : null;
    const isPublic = typeof priority === "string";
    const key = `${isPublic} ${sessionId ?? ""}`;
    const group = groups.get(key) ?? { sessionId, isPublic, lines: [] };
    groups.set(key, group);
    group.lines.push(bare(line), NEWLINE);
  }
  return [...groups.values()];
}

/** `,"prev":"…16…"`, `,"m":"…32…"` and `,"c":"…8…"}`: what can be computed again. */
const SEAL_BYTES = 39 + 16;
const PREVIOUS_BYTES = 10 + PREVIOUS_DIGITS;

/** A line without what follows from the others. */
function bare({ line, previous }: Line): Buffer {
  const end = line.length - SEAL_BYTES - (previous === null ? 0 : PREVIOUS_BYTES);
  return Buffer.concat([line.subarray(0, end), Buffer.from("}")]);
}

function compress(groups: readonly Group[]): { bytes: Buffer; members: Member[] } {
  const parts: Buffer[] = [];
  const members: Member[] = [];
  let at = 0;
  for (const { sessionId, isPublic, lines } of groups) {
    const part = gzipSync(Buffer.concat(lines));
    members.push({ sessionId, isPublic, lines: lines.length / 2, at, length: part.length, sum: sumOf(part) });
    parts.push(part);
    at += part.length;
  }
  return { bytes: Buffer.concat(parts), members };
}

/** The plain segment, signed and sealed again. */
function restored(lines: readonly BareLine[], { index, signer }: { index: PackIndex; signer: Signer }): Buffer {
  let previous = index.prev;
  const parts: Buffer[] = [];
  for (const { text } of lines) {
    const start = text.subarray(0, -1);
    const chained = previous === null ? start : Buffer.concat([start, Buffer.from(`,"prev":"${previous}"`)]);
    const { line, signature } = sealText(chained, signer, "line");
    parts.push(line, NEWLINE);
    previous = signature.slice(0, PREVIOUS_DIGITS);
  }
  return Buffer.concat(parts);
}

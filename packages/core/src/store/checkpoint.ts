import { atomicReplace, readSmall } from "../host/files.ts";
import type { Fs } from "../host/fs-port.ts";
import { AoError, isAoError } from "../model/errors.ts";
import type { State } from "../model/state.ts";
import { openLine, sealLine } from "./line.ts";

/** Version of everything in the state folder. A change that older code would misread increments it. */
export const FORMAT = 1;

const MAX_BYTES = 512 << 20;

export interface Checkpoint {
  state: State;
  /** Session records that did not parse, unchanged from the log. Another version may be able to read them. */
  damaged: Record<string, unknown>;
}

/** Avoids replaying the log. It is optional: without it, or with a broken one, everything is replayed. */
export function writeCheckpoint(fs: Fs, path: string, checkpoint: Checkpoint): void {
  const { state, damaged } = checkpoint;
  const line = sealLine({ format: FORMAT, seq: state.seq, damaged, state });
  atomicReplace(path, Buffer.concat([line, Buffer.from("\n")]), { fs });
}

/** Returns the checkpoint, null if there is none, or "damaged" if it can't be used. */
export function readCheckpoint(fs: Fs, path: string): Checkpoint | null | "damaged" {
  let bytes: Buffer | null;
  try {
    bytes = readSmall(path, { fs, maxBytes: MAX_BYTES });
  } catch (error) {
    // One that is closed to us is of no use either, and the next one replaces it.
    const isUseless = isAoError(error) && (error.code === "REFUSED" || error.details?.errno === "EACCES");
    if (isUseless) return "damaged";
    throw error;
  }
  if (bytes === null) return null;
  const end = bytes.at(-1) === 10 ? bytes.length - 1 : bytes.length;
  const found = openLine(bytes.subarray(0, end));
  if (found === null || found.format !== FORMAT || !isState(found.state)) return "damaged";
  return { state: found.state, damaged: (found.damaged ?? {}) as Record<string, unknown> };
}

function isState(value: unknown): value is State {
  if (typeof value !== "object" || value === null) return false;
  const { seq, epoch, sessions } = value as Partial<State>;
  return Number.isSafeInteger(seq) && Number.isSafeInteger(epoch) && typeof sessions === "object" && sessions !== null;
}

/** Refuses a folder of a newer version, before anything in it is touched; marks a fresh one. */
export function checkFormat(fs: Fs, path: string): void {
  const bytes = readSmall(path, { fs });
  if (bytes === null) {
    atomicReplace(path, `${JSON.stringify({ format: FORMAT })}\n`, { fs });
    return;
  }
  const format = parseFormat(bytes);
  if (format !== null && format > FORMAT) {
    throw new AoError("STATE_NEWER", `the state folder has format ${format}; this version of ao knows ${FORMAT}`, {
      hint: "Install the newer ao again.",
      details: { format, known: FORMAT },
    });
  }
}

function parseFormat(bytes: Buffer): number | null {
  try {
    const value = (JSON.parse(bytes.toString("utf8")) as { format?: unknown } | null)?.format;
    return typeof value === "number" ? value : null;
  } catch {
    // A broken mark means nothing. The records themselves are checked one by one.
    return null;
  }
}

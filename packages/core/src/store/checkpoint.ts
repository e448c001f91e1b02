import { atomicReplace, readSmall } from "../host/files.ts";
import type { Fs } from "../host/fs-port.ts";
import { AoError, isAoError } from "../model/errors.ts";
import type { State } from "../model/state.ts";
import { groupedSessions } from "./flat-record.ts";
import { isSigned, onlyLine, openLine, sealLine } from "./line.ts";
import type { Signer } from "./signer.ts";

/** Version of everything in the state folder. A change that older code would misread increments it. */
export const FORMAT = 5;

/** Format 1 has neither signatures nor a chain of lines. Format 2 has neither packed segments nor an archive, format 3 no notices, format 4 flat records. */
const KNOWN_FORMATS: ReadonlySet<unknown> = new Set([1, 2, 3, 4, FORMAT]);

const MAX_BYTES = 512 << 20;

export interface Checkpoint {
  state: State;
  /** Session records that did not parse, unchanged from the log. Another version may be able to read them. */
  damaged: Record<string, unknown>;
}

/** A checkpoint as it is on disk. */
export interface SavedCheckpoint extends Checkpoint {
  /** The number of the first signed line of the log. Null in a checkpoint of an earlier version. */
  signedFrom: number | null;
  /** It was signed with this home's secret. */
  isSigned: boolean;
}

/** Avoids replaying the log. It is optional: without it, or with a broken one, everything is replayed. */
export function writeCheckpoint(file: SignedFile, checkpoint: Omit<SavedCheckpoint, "isSigned">): void {
  const { state, damaged, signedFrom } = checkpoint;
  const { line } = sealLine({ format: FORMAT, seq: state.seq, signedFrom, damaged, state }, file.signer, "checkpoint");
  keepPrevious(file);
  atomicReplace(file.path, Buffer.concat([line, Buffer.from("\n")]), { fs: file.fs });
}

/** The one before stays beside it, so that a damaged one costs little. Without it the whole log is replayed. */
function keepPrevious({ fs, path, previous }: SignedFile): void {
  try {
    if (fs.lstat(path).isFile()) fs.rename(path, previous);
  } catch {
    // There is none yet, or it can't be moved: the new one replaces it.
  }
}

export interface SignedFile {
  fs: Fs;
  path: string;
  /** Where the one before it is kept. */
  previous: string;
  signer: Signer;
}

/** Returns the checkpoint, null if there is none, or "damaged" if it can't be used. */
export function readCheckpoint({ fs, path, signer }: Omit<SignedFile, "previous">): SavedCheckpoint | null | "damaged" {
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
  const line = onlyLine(bytes);
  const found = openLine(line);
  if (found === null || !KNOWN_FORMATS.has(found.format) || !isState(found.state)) return "damaged";
  const damaged = groupedSessions((found.damaged ?? {}) as Record<string, unknown>);
  const state = { ...found.state, sessions: groupedSessions(found.state.sessions) };
  const signedFrom = typeof found.signedFrom === "number" ? found.signedFrom : null;
  return { state, damaged, signedFrom, isSigned: isSigned(line, signer, "checkpoint") };
}

function isState(value: unknown): value is State {
  if (typeof value !== "object" || value === null) return false;
  const { seq, epoch, sessions } = value as Partial<State>;
  return Number.isSafeInteger(seq) && Number.isSafeInteger(epoch) && typeof sessions === "object" && sessions !== null;
}

/** Refuses a folder of a newer version, before anything in it is touched. Returns its format, or null if it has no mark. */
export function checkFormat(fs: Fs, path: string): number | null {
  const bytes = readSmall(path, { fs });
  const format = bytes === null ? null : parseFormat(bytes);
  if (format !== null && format > FORMAT) {
    throw new AoError("STATE_NEWER", `the state folder has format ${format}; this version of ao knows ${FORMAT}`, {
      hint: "Install the newer ao again.",
      details: { format, known: FORMAT },
    });
  }
  return format;
}

/** Marks the folder as one of this version, which keeps older versions from writing to it. */
export function markFormat(fs: Fs, path: string): void {
  atomicReplace(path, `${JSON.stringify({ format: FORMAT })}\n`, { fs });
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

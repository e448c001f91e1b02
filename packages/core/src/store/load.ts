import { basename, join } from "node:path";
import { atomicReplace, ensureDir, readSmall, sweepTmp } from "../host/files.ts";
import type { Fs } from "../host/fs-port.ts";
import { isAoError } from "../model/errors.ts";
import { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { type Checkpoint, readCheckpoint, type SavedCheckpoint } from "./checkpoint.ts";
import { completed } from "./complete-record.ts";
import { createFolder, emptyState } from "./fold.ts";
import { createJudge } from "./judge.ts";
import type { Layout } from "./layout.ts";
import { isSigned } from "./line.ts";
import type { LogTail } from "./log.ts";
import { unpack } from "./packed.ts";
import { problem, type Report } from "./problem.ts";
import { rebuild } from "./rebuild.ts";
import { recoverLog } from "./recover.ts";
import { listSegments, MAX_SEGMENT_BYTES, scanSegment } from "./segment.ts";
import type { Signer } from "./signer.ts";
import { freeName } from "./view-files.ts";

export interface LoadOptions {
  fs: Fs;
  layout: Layout;
  report: Report;
  signer: Signer;
  /** What was written before can't be checked, because it was written by an earlier version, or its secret was lost. */
  isUnsigned: boolean;
  /** Called after each file of the log. */
  onFile?: ((done: number, of: number) => void) | undefined;
}

export interface Loaded extends Checkpoint {
  tail: LogTail;
  /** From this line on, only signed ones count. */
  signedFrom: number;
  /** What the log has lost, rebuilt from metadata. It is not in `state`. */
  rebuilt: Pick<State, "sessions" | "instances">;
}

/** Builds the state from the log, starting from the checkpoint if that is valid. */
export function loadState(options: LoadOptions): Loaded {
  const { fs, layout, report } = options;
  ensureDir(layout.events, { fs });
  for (const dir of [layout.daemon, layout.events, layout.quarantine]) sweepTmp(dir, { fs });
  const start = savedState(options);
  const judge = createJudge(options.signer, start.isSigned ? start.signedFrom : null);
  // Try the records that an earlier start set aside. This version may be able to read them.
  const folder = createFolder({
    ...emptyState(),
    ...start.state,
    sessions: { ...start.state.sessions, ...(start.damaged as State["sessions"]) },
  });
  const { tail, problems } = recoverLog({
    fs,
    dir: layout.events,
    quarantineDir: layout.quarantine,
    afterSeq: start.state.seq,
    judge,
    onRecord: (record) => folder.apply(record),
    onFile: options.onFile,
  });
  problems.forEach(report);
  const checked = setAsideBroken(folder.state(), options);
  const known = {
    ...checked.state,
    sessions: { ...checked.state.sessions, ...(checked.damaged as State["sessions"]) },
  };
  const rebuilt = rebuild({ ...options, state: known, lastSeq: tail.nextSeq - 1 });
  rebuilt.problems.forEach(report);
  const nextSeq = Math.max(tail.nextSeq, rebuilt.lastKnownSeq + 1);
  // Never write a number after a gap into the file that has the gap.
  const place = nextSeq === tail.nextSeq ? tail : { ...tail, segment: null, length: 0, nextSeq };
  return { ...checked, tail: place, signedFrom: judge.signedFrom ?? nextSeq, rebuilt };
}

const NOTHING_SAVED: SavedCheckpoint = { state: emptyState(), damaged: {}, signedFrom: null, isSigned: false };

/** The newest checkpoint that can be used, or nothing. */
function savedState(options: LoadOptions): SavedCheckpoint {
  const { layout, report } = options;
  for (const path of [layout.checkpoint, layout.previousCheckpoint]) {
    const found = usableCheckpoint(path, options);
    if (found !== null && found !== "damaged") return found;
    if (found === null) continue;
    const message = "the checkpoint can't be used, so the log was replayed";
    report(problem("checkpoint-damaged", message, { path, keptAt: moveAway(path, options) }));
  }
  return NOTHING_SAVED;
}

/** Otherwise the next checkpoint would make it the previous one. Null if it can't be moved: it is replaced then. */
function moveAway(path: string, { fs, layout }: LoadOptions): string | null {
  try {
    ensureDir(layout.quarantine, { fs });
    const keptAt = freeName(fs, join(layout.quarantine, basename(path)));
    fs.rename(path, keptAt);
    return keptAt;
  } catch {
    return null;
  }
}

/** One without our signature counts only if nothing else has one yet. */
function usableCheckpoint(
  path: string,
  { fs, layout, signer, isUnsigned }: LoadOptions,
): SavedCheckpoint | null | "damaged" {
  const found = readCheckpoint({ fs, path, signer });
  if (found === null || found === "damaged" || found.isSigned) return found;
  return isUnsigned && !isLogSigned(fs, layout.events, signer) ? found : "damaged";
}

/** Whether the newest file of the log has a line with our signature. Every start writes one. */
function isLogSigned(fs: Fs, dir: string, signer: Signer): boolean {
  const newest = listSegments(fs, dir).at(-1);
  if (newest === undefined) return false;
  if (newest.isPacked) return unpack({ fs, dir, judge: createJudge(signer, null) }, newest).lines.length > 0;
  const bytes = readSmall(newest.path, { fs, maxBytes: MAX_SEGMENT_BYTES }) ?? Buffer.alloc(0);
  for (const piece of scanSegment(bytes)) {
    if (piece.record !== null && isSigned(piece.line, signer, "line")) return true;
  }
  return false;
}

/** One unreadable session must not hide the others. */
function setAsideBroken(state: State, options: LoadOptions): Checkpoint {
  const sessions: State["sessions"] = {};
  const damaged: Record<string, unknown> = {};
  for (const [id, found] of Object.entries(state.sessions)) {
    const record = completed(found);
    const parsed = SessionRecord.safeParse(record);
    if (parsed.success && record.id === id) {
      sessions[id] = record;
      continue;
    }
    damaged[id] = record;
    const first = parsed.error?.issues[0];
    const where = first === undefined ? "its id" : first.path.join(".") || "the record";
    const kept = keepAside(options, id, record);
    const message = `session ${id} can't be read (${where}${first === undefined ? "" : `: ${first.message}`})`;
    options.report(problem("session-damaged", message, { sessionId: id, keptAt: kept }));
  }
  return { state: { ...state, sessions }, damaged };
}

function keepAside({ fs, layout }: LoadOptions, id: string, record: unknown): string | null {
  const path = join(layout.quarantine, `session-${id.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 60)}.json`);
  try {
    ensureDir(layout.quarantine, { fs });
    atomicReplace(path, `${JSON.stringify(record, null, 2)}\n`, { fs });
    return path;
  } catch (error) {
    // It is still in the log and the checkpoint.
    if (!isAoError(error)) throw error;
    return null;
  }
}

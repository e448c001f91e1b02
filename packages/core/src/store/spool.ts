import { join } from "node:path";
import { type Clock, toIso } from "../host/clock.ts";
import { ensureDir, fileError, listDir, readSmall, removeIfThere } from "../host/files.ts";
import { errnoOf, type Fs, realFs } from "../host/fs-port.ts";
import { isAoError, toAoError } from "../model/errors.ts";
import type { Layout } from "./layout.ts";
import { problem, type Report } from "./problem.ts";
import { parseSpooled } from "./spool-parse.ts";
import { freeName } from "./view-files.ts";
import { watchDir } from "./watch.ts";

/** One file of the spool: a fact from a hook or a script. */
export interface Spooled {
  /** The file's name. It is the same after a restart, so it identifies what was taken before. */
  name: string;
  fields: Record<string, unknown>;
  /** When it was put there. */
  at: string;
  /** Removes the file. Call it once its fact is committed. Until then a restart delivers it again. */
  done(): void;
  /** Moves a file with an unknown fact into quarantine, and reports it. */
  refuse(why: string): void;
}

export interface SpoolOptions {
  layout: Layout;
  clock: Clock;
  signal: AbortSignal;
  /** Called once per run for each file, oldest first. */
  onSpooled: (spooled: Spooled) => void;
  report: Report;
  fs?: Fs;
  /** How often to look without a notification, since the system's notifications can get lost. */
  pollMs?: number;
}

export interface Spool {
  /** Looks now. */
  scan(): void;
}

const MAX_FILE_BYTES = 256 << 10;
/** A file younger than this that does not parse may still be being written. */
const GRACE_MS = 1000;

/** Watches `daemon/spool/new` until the signal aborts. */
export function openSpool(options: SpoolOptions): Spool {
  const fs = options.fs ?? realFs;
  const dir = options.layout.spoolNew;
  ensureDir(dir, { fs });
  ensureDir(options.layout.spoolTmp, { fs });
  const seen: Seen = { settled: new Set(), troubled: new Set() };

  const scan = (): void => {
    let found: Found[] = [];
    attempt(options, seen, { key: dir, path: dir, run: () => (found = listNew(fs, dir, seen)) });
    for (const file of found) {
      attempt(options, seen, { ...file, run: () => takeOne({ ...options, fs, seen }, file) });
    }
  };

  watchDir({ dir, onChange: scan, clock: options.clock, signal: options.signal, pollMs: options.pollMs ?? 1000 });
  scan();
  return { scan };
}

/** Keyed by file, not only by name, because a name may be used again. */
interface Seen {
  /** Delivered, or impossible to remove. Not read again. */
  settled: Set<string>;
  /** Could not be read, which was reported once. Tried again at each look. */
  troubled: Set<string>;
}

function attempt(options: SpoolOptions, { troubled }: Seen, step: { key: string; path: string; run(): void }): void {
  try {
    step.run();
    troubled.delete(step.key);
  } catch (error) {
    if (troubled.has(step.key)) return;
    troubled.add(step.key);
    options.report(problem("spool-malformed", toAoError(error).message, { path: step.path }));
  }
}

interface Found {
  key: string;
  name: string;
  path: string;
  mtimeMs: number;
  isFile: boolean;
}

function listNew(fs: Fs, dir: string, { settled, troubled }: Seen): Found[] {
  const all = look(fs, dir);
  const here = new Set([dir, ...all.map((found) => found.key)]);
  for (const set of [settled, troubled]) for (const key of set) if (!here.has(key)) set.delete(key);
  return all
    .filter((found) => !settled.has(found.key))
    .sort((a, b) => a.mtimeMs - b.mtimeMs || (a.name < b.name ? -1 : 1));
}

function look(fs: Fs, dir: string): Found[] {
  const names = listDir(dir, { fs });
  if (names === null) ensureDir(dir, { fs });
  return (names ?? [])
    .filter((name) => !name.startsWith("."))
    .flatMap((name) => stat(fs, { name, path: join(dir, name) }));
}

function stat(fs: Fs, file: { name: string; path: string }): Found[] {
  const { name, path } = file;
  try {
    const found = fs.lstat(path);
    return [
      { name, path, key: `${name}:${found.ino}:${found.mtimeMs}`, mtimeMs: found.mtimeMs, isFile: found.isFile() },
    ];
  } catch (error) {
    // Its writer removed it.
    if (errnoOf(error) === "ENOENT") return [];
    throw fileError("look at", path, error);
  }
}

interface Taking extends SpoolOptions {
  fs: Fs;
  seen: Seen;
}

function takeOne(taking: Taking, found: Found): void {
  const { fs, clock } = taking;
  const { settled } = taking.seen;
  const read = readOne(fs, found);
  if (read === "gone") return;
  if (typeof read === "string") {
    const age = Math.abs(clock.now() - found.mtimeMs);
    if (!found.isFile || age >= GRACE_MS) setAside(taking, found, read);
    return;
  }
  settled.add(found.key);
  taking.onSpooled({
    name: found.name,
    fields: read.fields,
    at: toIso(found.mtimeMs),
    done() {
      // Another file may have the same name by now. That one stays.
      if (stat(fs, found)[0]?.key === found.key) removeIfThere(fs, found.path);
    },
    refuse(why) {
      if (stat(fs, found)[0]?.key === found.key) setAside(taking, found, why);
    },
  });
}

/** The fields, "gone", or a description of what is wrong with the file. Throws if the disk fails, and the file is tried again. */
function readOne(fs: Fs, found: Found): { fields: Record<string, unknown> } | string {
  if (!found.isFile) return "it is not a regular file";
  try {
    const bytes = readSmall(found.path, { fs, maxBytes: MAX_FILE_BYTES });
    return bytes === null ? "gone" : parseSpooled(bytes);
  } catch (error) {
    const isHopeless = isAoError(error) && (error.code === "REFUSED" || error.details?.errno === "EACCES");
    if (isHopeless) return error.message;
    throw error;
  }
}

function setAside({ fs, layout, seen, report }: Taking, found: Found, why: string): void {
  seen.settled.add(found.key);
  ensureDir(layout.quarantine, { fs });
  const keptAt = freeName(fs, join(layout.quarantine, `spool-${found.name.slice(0, 100)}`));
  let isMoved = true;
  try {
    fs.rename(found.path, keptAt);
  } catch {
    // It stays where it is and is not read again in this run.
    isMoved = false;
  }
  const where = isMoved ? { path: found.path, keptAt } : { path: found.path };
  report(problem("spool-malformed", `spool file ${found.name} was not taken: ${why}`, where));
}

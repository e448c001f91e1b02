import { join } from "node:path";
import { type Clock, toIso } from "../host/clock.ts";
import { ensureDir, fileError, readSmall, removeIfThere } from "../host/files.ts";
import { errnoOf, type Fs, realFs } from "../host/fs-port.ts";
import { isAoError, toAoError } from "../model/errors.ts";
import type { Layout } from "./layout.ts";
import { problem, type Report } from "./problem.ts";
import { parseSpooled } from "./spool-parse.ts";
import { freeName } from "./view-files.ts";
import { watchDir } from "./watch.ts";

/** One file of the spool: what a hook or a script wants said. */
export interface Spooled {
  /** The file's name: the same after a restart, so it serves to know what was taken before. */
  name: string;
  fields: Record<string, unknown>;
  /** When it was put there. */
  at: string;
  /** Removes the file. To be called when what it says is committed; until then a restart hands it over again. */
  done(): void;
}

export interface SpoolOptions {
  layout: Layout;
  clock: Clock;
  signal: AbortSignal;
  /** Handed over once a run for each file, oldest first. */
  onSpooled: (spooled: Spooled) => void;
  report: Report;
  fs?: Fs;
  /** Notifications of the system get lost; this is how often it is looked without one. */
  pollMs?: number;
}

export interface Spool {
  /** Looks now. */
  scan(): void;
}

const MAX_FILE_BYTES = 256 << 10;
/** Younger than this, a file that does not parse may still be being written. */
const GRACE_MS = 1000;

/** Watches `daemon/spool/new` until the signal aborts. */
export function openSpool(options: SpoolOptions): Spool {
  const fs = options.fs ?? realFs;
  const dir = options.layout.spoolNew;
  ensureDir(dir, { fs });
  ensureDir(options.layout.spoolTmp, { fs });
  /** Handed over, or impossible to get rid of: not looked at again. */
  const settled = new Set<string>();

  const scan = (): void => {
    for (const found of listNew(fs, dir, settled)) {
      try {
        takeOne({ ...options, fs, settled }, found);
      } catch (error) {
        options.report(problem("spool-malformed", toAoError(error).message, { path: found.path }));
      }
    }
  };

  watchDir({ dir, onChange: scan, clock: options.clock, signal: options.signal, pollMs: options.pollMs ?? 1000 });
  scan();
  return { scan };
}

interface Found {
  name: string;
  path: string;
  mtimeMs: number;
  isFile: boolean;
}

function listNew(fs: Fs, dir: string, settled: Set<string>): Found[] {
  let names: string[];
  try {
    names = fs.readdir(dir);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw fileError("list", dir, error);
    ensureDir(dir, { fs });
    return [];
  }
  const here = new Set(names);
  for (const name of settled) if (!here.has(name)) settled.delete(name);
  const found: Found[] = [];
  for (const name of names) {
    if (settled.has(name) || name.startsWith(".")) continue;
    const path = join(dir, name);
    try {
      const stat = fs.lstat(path);
      found.push({ name, path, mtimeMs: stat.mtimeMs, isFile: stat.isFile() });
    } catch (error) {
      // Taken back by whoever put it there.
      if (errnoOf(error) !== "ENOENT") throw fileError("look at", path, error);
    }
  }
  return found.sort((a, b) => a.mtimeMs - b.mtimeMs || (a.name < b.name ? -1 : 1));
}

interface Taking extends SpoolOptions {
  fs: Fs;
  settled: Set<string>;
}

function takeOne(taking: Taking, found: Found): void {
  const { fs, settled, clock } = taking;
  const read = readOne(fs, found);
  if (read === "gone") return;
  if (typeof read === "string") {
    const age = clock.now() - found.mtimeMs;
    if (found.isFile && age >= 0 && age < GRACE_MS) return;
    return setAside(taking, found, read);
  }
  settled.add(found.name);
  taking.onSpooled({
    name: found.name,
    fields: read.fields,
    at: toIso(found.mtimeMs),
    done() {
      removeIfThere(fs, found.path);
    },
  });
}

/** The fields, "gone", or in words what is wrong with the file. A failing disk is thrown: the file is tried again. */
function readOne(fs: Fs, found: Found): { fields: Record<string, unknown> } | string {
  if (!found.isFile) return "it is not a regular file";
  try {
    const bytes = readSmall(found.path, { fs, maxBytes: MAX_FILE_BYTES });
    return bytes === null ? "gone" : parseSpooled(bytes);
  } catch (error) {
    if (isAoError(error) && error.code === "REFUSED") return error.message;
    throw error;
  }
}

function setAside({ fs, layout, settled, report }: Taking, found: Found, why: string): void {
  settled.add(found.name);
  ensureDir(layout.quarantine, { fs });
  const keptAt = freeName(fs, join(layout.quarantine, `spool-${found.name.slice(0, 100)}`));
  let isMoved = true;
  try {
    fs.rename(found.path, keptAt);
  } catch {
    // It stays where it is and is not looked at again in this run.
    isMoved = false;
  }
  const where = isMoved ? { path: found.path, keptAt } : { path: found.path };
  report(problem("spool-malformed", `spool file ${found.name} was not taken: ${why}`, where));
}

import { type BigIntStats, linkSync, lstatSync } from "node:fs";
import { basename, join } from "node:path";
import { atomicReplace, ensureDir, listDir, readText } from "@agent-orchestrator/core/host/files";
import { realFs } from "@agent-orchestrator/core/host/fs-port";
import { through } from "@agent-orchestrator/core/host/guarded";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock, Log } from "@agent-orchestrator/core/slots/common";
import { MAX_RECORD_BYTES, type Sealing } from "./sealing.ts";
import { stampOf } from "./stamp.ts";

/** A folder of small JSON files, one per record. They are replaced atomically, and read again only after a change. */
export interface FileTable<T extends object> {
  all(): ReadonlyMap<string, T>;
  get(key: string): T | null;
  /** The present state, which answers many questions for one look at the folder. */
  view(): View<T>;
  /** A number that changes with any record. */
  generation(): number;
  put(key: string, value: T): void;
  /** False if there is such a record (or a file in its place) already. */
  add(key: string, value: T): boolean;
  remove(key: string): void;
  /** All names in use, of readable records or not. */
  keys(): string[];
}

export interface View<T> {
  get(key: string): T | null;
  /** Changes with every change of the record. */
  revision(key: string): number;
}

interface Row<T> {
  stamp: string;
  value: T | null;
  revision: number;
}

/** A folder's time is as coarse as the kernel's tick, so another change this soon after the last may go unseen. */
const RACY_MS = 100;
const NAME = /^([A-Za-z0-9][A-Za-z0-9_-]*)\.json$/;

export interface TableOptions<T extends object> {
  dir: string;
  /** Throws for what is no record. */
  schema: { parse(value: unknown): T };
  log: Log;
  clock: Clock;
  /** Without it, every file that parses is taken for one of ours. */
  sealing?: Sealing | null;
}

const FORGED = Symbol("forged");

/** The file's stat. Undefined if there is none. Throws REFUSED for a link above it. */
function lookAt(path: string): BigIntStats | undefined {
  try {
    return through(path, (at) => lstatSync(at, { bigint: true, throwIfNoEntry: false }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Reads the folder, and looks again only where something changed. */
function tableReader<T extends object>(options: TableOptions<T>, write: (key: string, value: T) => void) {
  const { dir, schema, log, clock, sealing } = options;
  const rows = new Map<string, Row<T>>();
  let values = new Map<string, T>();
  let seen = "";
  let revisions = 0;
  let generation = 0;

  function load(key: string): void {
    const path = join(dir, `${key}.json`);
    const stat = lookAt(path);
    if (stat === undefined) return;
    const stamp = stampOf(stat);
    if (rows.get(key)?.stamp === stamp) return;
    const value = parse(key, path);
    if (value === FORGED) {
      replaceForged(key, path);
      return;
    }
    revisions += 1;
    rows.set(key, { stamp, value, revision: revisions });
  }

  /** What we knew of the record counts, and is written again. */
  function replaceForged(key: string, path: string): void {
    const known = rows.get(key)?.value ?? null;
    const keptAt = sealing?.setAside(path);
    const then = known === null ? "it counts as missing" : "it was written again";
    log.warn(`${path} was not written by ao; it was set aside and ${then}`, { keptAt });
    if (known === null) rows.delete(key);
    else write(key, known);
  }

  function parse(key: string, path: string): T | null | typeof FORGED {
    try {
      const parsed: unknown = JSON.parse(readText(path, { maxBytes: MAX_RECORD_BYTES }) ?? "");
      if (sealing && !sealing.check(`${basename(dir)}/${key}.json`, parsed)) return FORGED;
      return schema.parse(parsed);
    } catch (error) {
      log.warn(`${path} cannot be read and is skipped`, { error: String(error).slice(0, 300) });
      return null;
    }
  }

  function refresh() {
    const stat = lookAt(dir);
    const stamp = stat === undefined ? "none" : stampOf(stat);
    if (stamp === seen) return { rows, values, generation };
    generation += 1;
    const names = stat === undefined ? [] : (listDir(dir) ?? []);
    const keys = new Set(names.map((name) => NAME.exec(name)?.[1]).filter((key) => key !== undefined));
    for (const key of rows.keys()) if (!keys.has(key)) rows.delete(key);
    for (const key of keys) load(key);
    values = new Map([...rows].flatMap(([key, row]) => (row.value === null ? [] : [[key, row.value] as const])));
    seen = stat !== undefined && clock.now() - Number(stat.mtimeMs) < RACY_MS ? "" : stamp;
    return { rows, values, generation };
  }

  const forget = () => {
    seen = "";
  };
  return { refresh, forget };
}

export function fileTable<T extends object>(options: TableOptions<T>): FileTable<T> {
  const { dir, sealing } = options;
  const write = (name: string, key: string, value: T) => {
    ensureDir(dir);
    const text = sealing?.format(`${basename(dir)}/${key}.json`, value) ?? `${JSON.stringify(value, null, 2)}\n`;
    atomicReplace(join(dir, name), text);
  };
  const put = (key: string, value: T) => write(`${key}.json`, key, value);
  const { refresh, forget } = tableReader(options, put);
  return {
    all: () => refresh().values,
    get: (key) => refresh().values.get(key) ?? null,
    keys: () => [...refresh().rows.keys()],
    generation: () => refresh().generation,
    view() {
      const { rows } = refresh();
      return {
        get: (key) => rows.get(key)?.value ?? null,
        revision: (key) => rows.get(key)?.revision ?? 0,
      };
    },
    put(key, value) {
      put(key, value);
      forget();
      // From now on it counts, whatever is written in its place.
      refresh();
    },
    add(key, value) {
      const draft = `.new-${key}`;
      write(draft, key, value);
      try {
        through(join(dir, draft), (from) => through(join(dir, `${key}.json`), (to) => linkSync(from, to)));
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
        throw new AoError("FAILED", `could not write ${join(dir, key)}.json`, { cause: error });
      } finally {
        realFs.unlink(join(dir, draft));
        forget();
      }
    },
    remove(key) {
      realFs.unlink(join(dir, `${key}.json`));
      forget();
    },
  };
}

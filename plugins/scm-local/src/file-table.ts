import { type BigIntStats, linkSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { atomicReplace, ensureDir, listDir, readText } from "@agent-orchestrator/core/host/files";
import { realFs } from "@agent-orchestrator/core/host/fs-port";
import { through } from "@agent-orchestrator/core/host/guarded";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock, Log } from "@agent-orchestrator/core/slots/common";
import type { z } from "zod";
import { stampOf } from "./refs.ts";

/** A folder of small JSON files, one per record. They are replaced atomically, and read again only after a change. */
export interface FileTable<T> {
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
/** A review may have long comments. */
const MAX_BYTES = 64 << 20;
const NAME = /^([A-Za-z0-9][A-Za-z0-9_-]*)\.json$/;

export interface TableOptions<T> {
  dir: string;
  schema: z.ZodType<T>;
  log: Log;
  clock: Clock;
}

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
function tableReader<T>({ dir, schema, log, clock }: TableOptions<T>) {
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
    revisions += 1;
    rows.set(key, { stamp, value: parse(path), revision: revisions });
  }

  function parse(path: string): T | null {
    try {
      return schema.parse(JSON.parse(readText(path, { maxBytes: MAX_BYTES }) ?? ""));
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

export function fileTable<T>(options: TableOptions<T>): FileTable<T> {
  const { dir } = options;
  const { refresh, forget } = tableReader(options);
  const write = (name: string, value: T) => {
    ensureDir(dir);
    atomicReplace(join(dir, name), `${JSON.stringify(value, null, 2)}\n`);
    forget();
  };
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
    put: (key, value) => write(`${key}.json`, value),
    add(key, value) {
      const draft = `.new-${key}`;
      write(draft, value);
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

import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  atomicReplace,
  ensureDir,
  listDir,
  readSmall,
  removeIfThere,
  sweepTmp,
} from "@agent-orchestrator/core/host/files";
import { realFs } from "@agent-orchestrator/core/host/fs-port";
import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { Log } from "@agent-orchestrator/core/slots/common";

/** An answer that can be asked for again with a condition: 304 means that it still holds. */
export interface StoredResponse {
  status: number;
  headers: [string, string][];
  etag: string | null;
  lastModified: string | null;
  body: Uint8Array;
}

/** Answers by a digest of what was asked, and by whom. */
export interface ResponseStore {
  /** Null if there is none, or if it is not exactly what was stored. */
  get(key: string): StoredResponse | null;
  put(key: string, answer: StoredResponse): void;
}

/** Changes when the format does. Files of another one are ignored. */
const VERSION = 1;
const NAME = /^[0-9a-f]{64}$/;

/** A digest of the parts. The file names reveal neither address nor token. */
export const keyOf = (...parts: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex");

const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export interface ResponseStoreOptions {
  dir: string;
  /** Of all files together. */
  maxBytes: number;
  log: Log;
  /** `context.seal`. With it, a file that an agent wrote is not believed, though a server confirms its ETag. */
  seal?(text: string): string;
}

/**
 * Files in one folder, mode 0600: a line of JSON, then the body. The oldest are removed when they would be more than `maxBytes`
 * together. A file that is a link, damaged, or somebody else's is ignored and replaced. Where nothing can be stored, everything
 * works without, and the reason is logged once.
 */
export function openResponseStore({ dir, maxBytes, log, seal = (text) => text }: ResponseStoreOptions): ResponseStore {
  /** Sizes, the least recently used first. Null until the first use. */
  let sizes: Map<string, number> | null = null;
  let hasComplained = false;

  function attempt<T>(work: (sizes: Map<string, number>) => T, otherwise: T): T {
    try {
      sizes ??= survey(dir);
      return work(sizes);
    } catch (error) {
      if (!hasComplained) log.warn(`answers are not kept in ${dir}: ${toAoError(error).message}`);
      hasComplained = true;
      return otherwise;
    }
  }

  const forget = (known: Map<string, number>, key: string) => {
    known.delete(key);
    removeIfThere(realFs, join(dir, key));
  };

  return {
    get: (key) =>
      attempt((known) => {
        const size = known.get(key);
        if (size === undefined) return null;
        const found = readAnswer(join(dir, key), { key, maxBytes, seal });
        known.delete(key);
        if (found === null) forget(known, key);
        else known.set(key, size);
        return found;
      }, null),
    put: (key, answer) =>
      attempt((known) => {
        const bytes = toBytes(key, answer, seal);
        // One large answer must not drive out all others.
        if (bytes.length > maxBytes / 4) return forget(known, key);
        known.delete(key);
        let total = bytes.length;
        for (const size of known.values()) total += size;
        for (const [oldest, size] of known) {
          if (total <= maxBytes) break;
          forget(known, oldest);
          total -= size;
        }
        atomicReplace(join(dir, key), bytes, { isDurable: false });
        known.set(key, bytes.length);
      }, undefined),
  };
}

/** What is there, the oldest first. Whatever else is in the folder is left alone. */
function survey(dir: string): Map<string, number> {
  ensureDir(dir);
  sweepTmp(dir);
  const found = (listDir(dir) ?? []).flatMap((name) => {
    if (!NAME.test(name)) return [];
    const stat = realFs.lstat(join(dir, name));
    return [{ name, size: stat.size, at: stat.mtimeMs }];
  });
  return new Map(found.sort((a, b) => a.at - b.at).map(({ name, size }) => [name, size]));
}

type Seal = (text: string) => string;

function toBytes(key: string, { body, ...answer }: StoredResponse, seal: Seal): Buffer {
  const meta = { version: VERSION, key, ...answer, digest: digestOf(body) };
  const line = { ...meta, proof: seal(keyOf(JSON.stringify(meta))) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(line)}\n`, "utf8"), body]);
}

interface Expected {
  key: string;
  maxBytes: number;
  seal: Seal;
}

function readAnswer(path: string, { key, maxBytes, seal }: Expected): StoredResponse | null {
  try {
    const bytes = readSmall(path, { maxBytes });
    if (bytes === null) return null;
    const end = bytes.indexOf(10);
    const { proof, ...meta } = JSON.parse(bytes.subarray(0, end).toString("utf8")) as Record<string, unknown>;
    const body = bytes.subarray(end + 1);
    if (meta.version !== VERSION || meta.key !== key || meta.digest !== digestOf(body)) return null;
    if (proof !== seal(keyOf(JSON.stringify(meta)))) return null;
    return { ...fieldsOf(meta), body };
  } catch {
    return null; // A link, a folder, somebody else's file, half a line: it is asked for again.
  }
}

/** Throws if a field is not what it was. */
function fieldsOf(meta: Record<string, unknown>): Omit<StoredResponse, "body"> {
  const headers = (meta.headers as unknown[]).map((pair): [string, string] => {
    const [name, value] = pair as [unknown, unknown];
    return [String(name), String(value)];
  });
  const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
  return { status: Number(meta.status), headers, etag: text(meta.etag), lastModified: text(meta.lastModified) };
}

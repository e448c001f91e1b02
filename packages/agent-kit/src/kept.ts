import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { atomicReplace, ensureDir, readSmall } from "@agent-orchestrator/core/host/files";
import { putFile } from "@agent-orchestrator/plugin-kit/files/folders";
import type { z } from "zod";

/** A file of a session, as JSON. A later daemon reads it, perhaps of another build. */
export interface Kept<T> {
  /** Null if there is none, or none that we wrote. Throws REFUSED or FAILED if it can't be read. */
  read(): T | null;
  /** Whole or not at all, for this user only. Creates its folder. Throws NO_SPACE, REFUSED or FAILED. */
  write(value: T): void;
  /** Replaces parts of it. Does nothing if there is none. */
  change(part: Partial<T>): void;
}

export interface KeptOptions {
  /** False for what can be had again after the machine was switched off. Default true. */
  isDurable?: boolean;
}

const MAX_BYTES = 16 << 20;

/** A file at this path. Several of one path may exist: nothing is cached. */
export function keptFile<T>(path: string, schema: z.ZodType<T>, { isDurable = true }: KeptOptions = {}): Kept<T> {
  const read = (): T | null => {
    const bytes = readSmall(path, { maxBytes: MAX_BYTES });
    return bytes === null ? null : (schema.safeParse(parseJson(bytes.toString("utf8"))).data ?? null);
  };
  const write = (value: T): void => {
    const text = `${JSON.stringify(value)}\n`;
    if (isDurable) {
      ensureDir(dirname(path));
      atomicReplace(path, text, { mode: 0o600 });
    } else putFile(path, text);
  };
  return {
    read,
    write,
    change(part) {
      const before = read();
      if (before !== null) write({ ...before, ...part });
    },
  };
}

/** What another program wrote, as JSON. Null if it is missing, unreadable, incomplete or of another shape. Follows links. */
export function readJson<T>(path: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return null; // As good as none. The program itself says what is wrong with it.
  }
}

/** The value, or undefined if the text is no JSON: cut off, or somebody else's. A schema rejects it. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

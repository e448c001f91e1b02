import { type BigIntStats, existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";

export interface Tip {
  sha: string;
  /** When the ref was written, as far as its file knows. */
  atMs: number;
}

/** Reads refs from their files: a stat when nothing changed, never a process. */
export interface Refs {
  /** `refs/heads/main`; null: there is no such ref. Throws when the repository cannot be read. */
  read(ref: string): Tip | null;
}

const SHA = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

export function createRefs(commonDir: string): Refs {
  const loose = new Map<string, { stamp: string; tip: Tip | null }>();
  let packed: { stamp: string; tips: Map<string, Tip> } = { stamp: "", tips: new Map() };

  function readPacked(): Map<string, Tip> {
    const path = join(commonDir, "packed-refs");
    const stat = statOf(path);
    if (stat === null) return new Map();
    const stamp = stampOf(stat);
    if (packed.stamp !== stamp) packed = { stamp, tips: parsePacked(readFileSync(path, "utf8"), Number(stat.mtimeMs)) };
    return packed.tips;
  }

  function readLoose(ref: string, isTarget = false): Tip | null {
    const path = join(commonDir, ref);
    const stat = statOf(path);
    if (stat === null || !stat.isFile()) return null;
    const stamp = stampOf(stat);
    const known = loose.get(ref);
    if (known?.stamp === stamp) return known.tip;
    const text = readIfThere(path)?.trim() ?? "";
    const target = /^ref: (refs\/\S+)$/.exec(text)?.[1];
    // A base may be a symbolic ref: one step, never cached.
    if (target !== undefined && !isTarget && isSafeRef(target)) {
      return readLoose(target, true) ?? readPacked().get(target) ?? null;
    }
    if (text === "" && !existsSync(path)) return null;
    if (!SHA.test(text)) throw new AoError("FAILED", `git's ref ${ref} cannot be read`, { hint: "Try `git fsck`." });
    const tip = { sha: text, atMs: Number(stat.mtimeMs) };
    loose.set(ref, { stamp, tip });
    return tip;
  }

  // Loose first: packing writes the packed file before it removes the loose one.
  return { read: (ref) => (isSafeRef(ref) ? (readLoose(ref) ?? readPacked().get(ref) ?? null) : null) };
}

function parsePacked(text: string, atMs: number): Map<string, Tip> {
  const tips = new Map<string, Tip>();
  for (const line of text.split("\n")) {
    const space = line.indexOf(" ");
    const sha = line.slice(0, space);
    if (space > 0 && SHA.test(sha)) tips.set(line.slice(space + 1), { sha, atMs });
  }
  return tips;
}

/** Git's own rules for ref names, as far as they keep a name inside its folder. */
export function isSafeRef(ref: string): boolean {
  return (
    ref.startsWith("refs/") && !/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.lock(?:\/|$)|(?:^|\/)\.|[./]$/.test(ref)
  );
}

function statOf(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** ENOTDIR: a branch `feat` stands where `feat/42` was looked for. */
function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR";
}

/** Changes whenever the file was replaced or written. */
export const stampOf = (stat: BigIntStats): string => `${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;

import { type BigIntStats, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";

export interface Tip {
  sha: string;
  /** When the ref was written, as far as its file knows. */
  atMs: number;
}

/** `refs/heads/main`; null: there is no such ref. Throws when it cannot be read. */
export type ReadRef = (ref: string) => Tip | null;

/** Reads refs from their files: never a process. */
export interface Refs {
  read: ReadRef;
  /**
   * For many refs as they are at this moment: where a folder of refs did not change since, its refs are not looked at one
   * by one. Git writes a ref by renaming a file in its folder, so the folder tells.
   */
  pass(): ReadRef;
}

interface Known {
  tip: Tip | null;
  stamp: string;
  readAtMs: number;
}

const SHA = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
/** A folder's time has the kernel's tick: what was changed this lately may be changed again unseen. */
const RACY_MS = 100;
/** Whatever the folder says, each ref is looked at again after this: some file systems keep no such time. */
const TRUST_MS = 5_000;

export function createRefs(commonDir: string, clock: Clock): Refs {
  const known = new Map<string, Known>();
  let packed: { stamp: string; tips: Map<string, Tip> } = { stamp: "", tips: new Map() };

  function readPacked(): typeof packed {
    const path = join(commonDir, "packed-refs");
    const stat = statOf(path);
    const stamp = stat === null ? "none" : stampOf(stat);
    if (packed.stamp !== stamp) {
      packed = { stamp, tips: stat === null ? new Map() : parsePacked(readFileSync(path, "utf8"), mtimeOf(stat)) };
    }
    return packed;
  }

  function readLoose(ref: string, isTarget = false): Tip | null {
    const path = join(commonDir, ref);
    const stat = statOf(path);
    const text = stat?.isFile() === true ? readIfThere(path)?.trim() : undefined;
    if (stat === null || text === undefined) return null;
    if (SHA.test(text)) return { sha: text, atMs: mtimeOf(stat) };
    // A base may be a symbolic ref: one step.
    const target = /^ref: (refs\/\S+)$/.exec(text)?.[1];
    if (target !== undefined && !isTarget && isSafeRef(target)) {
      return readLoose(target, true) ?? readPacked().tips.get(target) ?? null;
    }
    throw new AoError("FAILED", `git's ref ${ref} cannot be read`, { hint: "Try `git fsck`." });
  }

  // Loose first: packing writes the packed file before it removes the loose one.
  const read: ReadRef = (ref) => (isSafeRef(ref) ? (readLoose(ref) ?? readPacked().tips.get(ref) ?? null) : null);

  function pass(): ReadRef {
    const nowMs = clock.now();
    const monotonic = clock.monotonic();
    const folders = new Map<string, string>();
    const packedStamp = readPacked().stamp;
    const stampFor = (ref: string): string => {
      const folder = dirname(ref);
      const seen = folders.get(folder);
      if (seen !== undefined) return seen;
      const stat = statOf(join(commonDir, folder));
      const isRacy = stat !== null && nowMs - mtimeOf(stat) < RACY_MS;
      const stamp = isRacy ? "" : `${stat === null ? "none" : stampOf(stat)} ${packedStamp}`;
      folders.set(folder, stamp);
      return stamp;
    };
    return (ref) => {
      if (!isSafeRef(ref)) return null;
      const stamp = stampFor(ref);
      const before = known.get(ref);
      if (before !== undefined && stamp !== "" && before.stamp === stamp && monotonic - before.readAtMs < TRUST_MS) {
        return before.tip;
      }
      const tip = read(ref);
      known.set(ref, { tip, stamp, readAtMs: monotonic });
      return tip;
    };
  }

  return { read, pass };
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

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** ENOTDIR: a branch `feat` stands where `feat/42` was looked for. */
function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR";
}

const mtimeOf = (stat: BigIntStats): number => Number(stat.mtimeMs);

/** Changes whenever the file was replaced or written. */
export const stampOf = (stat: BigIntStats): string => `${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;

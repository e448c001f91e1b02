import { type BigIntStats, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { stampOf } from "@agent-orchestrator/plugin-kit/records/stamp";

export interface Tip {
  sha: string;
  /** When the ref was written, according to its file. */
  atMs: number;
}

/** Reads refs from their files, without a process. */
export interface Refs {
  /** Reads a ref like `refs/heads/main`. Null if there is no such ref. Throws if it cannot be read. */
  read(ref: string): Tip | null;
  /**
   * A number that changes whenever a ref that was ever read may have changed. Costs one stat per folder of refs. Git writes a
   * ref by renaming a file in its folder, which changes the folder's time.
   */
  revision(): number;
}

const SHA = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
/** A folder's time is as coarse as the kernel's tick, so another change this soon after the last may go unseen. */
const RACY_MS = 100;
/** Everything is read again after this time, whatever the folders' times are, since some file systems do not keep them. */
const TRUST_MS = 30_000;

export function createRefs(commonDir: string, clock: Clock): Refs {
  const folders = new Set<string>();
  const loose = new Map<string, { stamp: string; tip: Tip }>();
  let glance = { stamps: "", revision: 0, atMs: 0 };
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
    if (stat === null || !stat.isFile()) return null;
    const stamp = stampOf(stat);
    const known = loose.get(ref);
    if (known?.stamp === stamp) return known.tip;
    const text = readIfThere(path)?.trim();
    if (text === undefined) return null;
    if (SHA.test(text)) {
      const tip = { sha: text, atMs: mtimeOf(stat) };
      loose.set(ref, { stamp, tip });
      return tip;
    }
    // A base may be a symbolic ref. Only one step is followed.
    const target = /^ref: (refs\/\S+)$/.exec(text)?.[1];
    if (target !== undefined && !isTarget && isSafeRef(target)) {
      return readLoose(target, true) ?? readPacked().tips.get(target) ?? null;
    }
    throw new AoError("FAILED", `git's ref ${ref} cannot be read`, { hint: "Run `git fsck` in the repository." });
  }

  function read(ref: string): Tip | null {
    if (!isSafeRef(ref)) return null;
    folders.add(dirname(ref));
    // Loose refs come first, because packing writes the packed file before it removes the loose one.
    return readLoose(ref) ?? readPacked().tips.get(ref) ?? null;
  }

  function revision(): number {
    const nowMs = clock.now();
    const atMs = clock.monotonic();
    let isCertain = atMs - glance.atMs < TRUST_MS;
    const stamps = [...folders, "packed-refs"].map((name) => {
      const stat = statOf(join(commonDir, name));
      if (stat !== null && nowMs - mtimeOf(stat) < RACY_MS) isCertain = false;
      return stat === null ? "none" : stampOf(stat);
    });
    const joined = stamps.join(" ");
    if (!isCertain || joined !== glance.stamps) glance = { stamps: joined, revision: glance.revision + 1, atMs };
    return glance.revision;
  }

  return { read, revision };
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

/** Those of git's rules for ref names that keep a name inside its folder. */
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

/** ENOTDIR means that there is a branch `feat` instead of `feat/42`. */
function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR";
}

const mtimeOf = (stat: BigIntStats): number => Number(stat.mtimeMs);

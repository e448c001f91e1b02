import type { BigIntStats } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { toIso } from "@agent-orchestrator/core/model/time";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { lookOnChange } from "./files/look-on-change.ts";
import { isErrno, readSmallFile } from "./files/read-small.ts";
import { removeTree } from "./files/remove-tree.ts";
import { shellQuote } from "./quote.ts";

/** The input of one hook. */
export interface Dropped {
  label: string;
  /** The process of the hook's shell. */
  pid: number;
  /** Null if it was larger than `maxBytes`. Then only its arrival is known. */
  text: string | null;
  /** When it was written. */
  at: string;
}

export interface DropFolderOptions {
  /** Must exist. Only this user may write to it. */
  dir: string;
  clock: Clock;
  signal: AbortSignal;
  maxBytes?: number;
  /** Oldest first, one at a time. Its file is removed when this returns: after a crash in between it comes once more. */
  onDropped(dropped: Dropped): void | Promise<void>;
  /** Something lay there that no hook of ours wrote, or that nobody could use. It has been removed. */
  onStrange?(name: string, what: string): void;
  /** Called if the folder could not be read. */
  onFailed?(error: unknown): void;
  pollMs?: number;
}

const MAX_BYTES = 1024 * 1024;
const POLL_MS = 2_000;
/** A hook that was killed leaves its unfinished file. */
const UNFINISHED_MS = 60_000;

/**
 * A command line for `sh -c` that puts its standard input into the folder as one file, whole or not at all. No program of ours is
 * started for it (`cat` and `mv` are all), it prints nothing, and it ends with 0 whatever happens: a hook never hurts its agent.
 */
export function dropCommand(dir: string, label: string): string {
  if (!/^[A-Za-z0-9]+$/.test(label)) throw new Error(`not a label: ${label}`);
  // The file's time orders them. Second and pid only keep names apart; bash has the time without starting a program.
  const steps = [
    "umask 077",
    `d=${shellQuote(dir)}`,
    `cat >"$d/.$$.${label}"`,
    `mv -f "$d/.$$.${label}" "$d/\${EPOCHREALTIME:-$(date +%s)}-$$-${label}.json"`,
  ];
  return `{ ${steps.join(" && ")}; } 2>/dev/null; exit 0`;
}

export interface DropFolder {
  /** Looks now instead of at the next change. */
  poke(): void;
  /** Settles when the signal aborted and the last file under way was handed over. */
  ended: Promise<void>;
}

/** Delivers what is already in the folder (from when the daemon was down), then what arrives. */
export function openDropFolder(options: DropFolderOptions): DropFolder {
  const { dir, pollMs = POLL_MS } = options;
  const isOfInterest = (name: string) => !name.startsWith(".");
  return lookOnChange({ ...options, path: dir, isFolder: true, pollMs, gapMs: 0, isOfInterest, look });

  async function look(): Promise<void> {
    for (const file of await list(options)) {
      if (options.signal.aborted) return;
      await take(options, file);
    }
  }
}

interface Found {
  name: string;
  path: string;
  stats: BigIntStats;
}

/** By the time of writing; files of one moment by name. */
async function list({ dir, clock }: DropFolderOptions): Promise<Found[]> {
  const names = await readdir(dir).catch((error: unknown) => {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  });
  const found: Found[] = [];
  for (const name of names) {
    const path = join(dir, name);
    const stats = await lstat(path, { bigint: true }).catch(() => null); // It has disappeared.
    if (stats === null) continue;
    if (!name.startsWith(".")) found.push({ name, path, stats });
    else if (clock.now() - Number(stats.mtimeMs) > UNFINISHED_MS) await removeTree(path);
  }
  return found.sort((a, b) => compare(a.stats.mtimeNs, b.stats.mtimeNs) || compare(a.name, b.name));
}

const compare = <T>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

async function take(options: DropFolderOptions, { name, path, stats }: Found): Promise<void> {
  const { maxBytes = MAX_BYTES } = options;
  const [, pid, label] = /-(\d+)-([A-Za-z0-9]+)\.json$/.exec(name) ?? [];
  if (label === undefined || !stats.isFile()) {
    options.onStrange?.(name, stats.isFile() ? "a file of another name" : "not a file");
  } else {
    try {
      const text = await readSmallFile(path, maxBytes);
      await options.onDropped({ label, pid: Number(pid), text, at: toIso(Number(stats.mtimeMs)) });
    } catch (error) {
      // It would fail again at each look, and hold up everything after it.
      options.onStrange?.(name, error instanceof Error ? error.message : String(error));
    }
  }
  await removeTree(path);
}

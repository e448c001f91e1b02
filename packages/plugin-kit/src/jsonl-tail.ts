import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { lookOnChange } from "./files/look-on-change.ts";
import { isErrno } from "./files/read-small.ts";
import { type LineReader, lineReader } from "./jsonl-lines.ts";

export interface FollowOptions {
  path: string;
  clock: Clock;
  signal: AbortSignal;
  /** Where to begin: an offset that `onLine` told before, or the start. An offset that cannot be one counts as the start. */
  from: number | "start";
  /** The file that `from` was told of; with another in its place it is read from the start. */
  inode?: number;
  /** One line's value, and the offset behind its end. */
  onLine(value: unknown, offsetAfter: number): void;
  /** The file was cut or replaced, or `from` was of no use: what was told before is void, and the start comes next. */
  onRestart?(): void;
  /** A line was left out: it is longer than `maxLineBytes`, or no JSON. */
  onSkipped?(what: "too long" | "malformed", offsetAfter: number): void;
  /** All that was there has been told; again after each later batch. */
  onCaughtUp?(): void;
  /** Called if the file could not be read. */
  onFailed?(error: unknown): void;
  maxLineBytes?: number;
  pollMs?: number;
}

export interface Following {
  /** Asks for a look soon, because something is known to be new. */
  poke(): void;
  /** The file that is read, once there is one. */
  inode(): number | null;
  /** Settles when the signal aborted and the reading has ended. */
  ended: Promise<void>;
}

const MAX_LINE_BYTES = 4 * 1024 * 1024;
const POLL_MS = 2_000;
/** Many lines a second are read in steps: a hundred followers must not cost more than the agents write. */
const GAP_MS = 100;
const CHUNK_BYTES = 64 * 1024;
/** Others get their turn after so many bytes of a backlog. */
const CHUNKS_PER_TURN = 16;

/** All reads are synchronous, so one piece of memory serves all followers. */
const chunk = Buffer.allocUnsafe(CHUNK_BYTES);

/** Follows a file of JSON lines that grows: each byte is read once, and no more than a line is kept in memory. */
export function followJsonl(options: FollowOptions): Following {
  const { pollMs = POLL_MS } = options;
  const tail = new Tail(options);
  const looking = lookOnChange({ ...options, isFolder: false, pollMs, gapMs: GAP_MS, look: () => tail.readOn() });
  return { poke: looking.poke, ended: looking.ended, inode: () => tail.inode };
}

class Tail {
  inode: number | null;
  readonly #options: FollowOptions;
  readonly #lines: LineReader;
  /** Where the next byte is read. */
  #offset: number;
  #isChecked = false;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#offset = options.from === "start" ? 0 : options.from;
    this.inode = options.inode ?? null;
    this.#lines = lineReader({ ...options, maxLineBytes: options.maxLineBytes ?? MAX_LINE_BYTES });
    this.#lines.restart(this.#offset);
  }

  async readOn(): Promise<void> {
    const before = this.#offset;
    const fd = openToRead(this.#options.path);
    if (fd === null) return;
    try {
      if (!this.#settle(fd)) return;
      while (!this.#readSome(fd) && !this.#options.signal.aborted) await new Promise((go) => setImmediate(go));
    } finally {
      closeSync(fd);
    }
    if (this.#offset !== before) this.#options.onCaughtUp?.();
  }

  /** Whether this is a file to read; starts again where it is not the file of before. */
  #settle(fd: number): boolean {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return false;
    const isOther = this.inode !== null && this.inode !== stats.ino;
    this.inode = stats.ino;
    const isMisplaced = !this.#isChecked && this.#offset > 0 && byteAt(fd, this.#offset - 1) !== NEWLINE;
    this.#isChecked = true;
    if (!isOther && !isMisplaced && stats.size >= this.#offset) return true;
    this.#offset = 0;
    this.#lines.restart(0);
    this.#options.onRestart?.();
    return true;
  }

  /** true: at the end. */
  #readSome(fd: number): boolean {
    for (let turn = 0; turn < CHUNKS_PER_TURN; turn++) {
      const length = readSync(fd, chunk, 0, CHUNK_BYTES, this.#offset);
      this.#offset += length;
      this.#lines.add(chunk.subarray(0, length));
      if (length < CHUNK_BYTES) return true;
    }
    return false;
  }
}

const NEWLINE = 10;

function byteAt(fd: number, offset: number): number | undefined {
  const one = Buffer.alloc(1);
  return readSync(fd, one, 0, 1, offset) === 1 ? one[0] : undefined;
}

/** null: not there yet, or nothing that can be followed. Never waits for a pipe. */
function openToRead(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EACCES", "ENXIO", "ELOOP")) return null;
    throw error;
  }
}

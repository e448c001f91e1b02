import { closeSync, fstatSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { openToRead, textFrom } from "@agent-orchestrator/agent-kit/text-end";

const CHUNK_BYTES = 64 * 1024;
const chunk = Buffer.allocUnsafe(CHUNK_BYTES);

export interface NewLines {
  lines: string[];
  /** The file was replaced or truncated. What was read before is void, and these lines are from its start. */
  isRestarted: boolean;
}

/** A text file that another program appends to. Each byte is read once. */
export class GrowingText {
  /** The position after the last whole line. */
  offset = 0;
  readonly #path: string;
  #readTo = 0;
  #inode: number | null = null;
  #decoder = new StringDecoder("utf8");
  #rest = "";

  constructor(path: string) {
    this.#path = path;
  }

  /** The whole lines since the last call. */
  readOn(): NewLines {
    const fd = openToRead(this.#path);
    if (fd === null) return { lines: [], isRestarted: false };
    try {
      const isRestarted = this.#settle(fd);
      return { lines: this.#linesOf(fd), isRestarted };
    } finally {
      closeSync(fd);
    }
  }

  #settle(fd: number): boolean {
    const { ino, size } = fstatSync(fd);
    const isOther = this.#inode !== null && (this.#inode !== ino || size < this.#readTo);
    this.#inode = ino;
    if (!isOther) return false;
    this.offset = 0;
    this.#readTo = 0;
    this.#decoder = new StringDecoder("utf8");
    this.#rest = "";
    return true;
  }

  #linesOf(fd: number): string[] {
    const lines: string[] = [];
    for (;;) {
      const length = readSync(fd, chunk, 0, CHUNK_BYTES, this.#readTo);
      if (length === 0) return lines;
      this.#readTo += length;
      const parts = (this.#rest + this.#decoder.write(chunk.subarray(0, length))).split("\n");
      this.#rest = parts.pop() ?? "";
      lines.push(...parts);
      this.offset = this.#readTo - Buffer.byteLength(this.#rest);
    }
  }
}

/** Twice the longest message, including the prefix of each of its lines. */
const MAX_BYTES = 512 * 1024;

/**
 * The texts that were typed or pasted at aider's prompts, oldest first. Unlike the chat history, this file can't contain anything from the
 * model. Two equal texts in a row are one entry. Null if there is no such file.
 */
export function readInputHistory(path: string): string[] | null {
  const text = textFrom(path, -MAX_BYTES);
  if (text === null) return null;
  const entries: string[] = [];
  let lines: string[] | null = null;
  for (const line of text.split("\n")) {
    if (line.startsWith("+")) {
      // The first entry may be cut off at its start, which makes it useless.
      lines?.push(line.slice(1));
      continue;
    }
    if (lines !== null && lines.length > 0) entries.push(lines.join("\n"));
    lines = line.startsWith("# ") ? [] : null;
  }
  if (lines !== null && lines.length > 0) entries.push(lines.join("\n"));
  return entries;
}

/** Whether this text of the chat history was really typed. Ignores blanks, which the chat history trims. */
export function wasTyped(text: string, entries: readonly string[] | null): boolean {
  return entries === null || entries.some((entry) => squeeze(entry) === squeeze(text));
}

const squeeze = (text: string): string => text.replace(/\s+/g, "");

import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";

export interface LoggedEvent {
  seq: number;
  type: string;
  ts: string;
  sessionId: string | null;
}

/** Follows the event log as any script can, by reading its files. */
export class EventLog {
  readonly #dir: string;
  #file = "";
  #offset = 0;
  #rest = "";

  constructor(home: string) {
    this.#dir = join(home, "events");
    this.fresh();
  }

  /** Events written since the last call. */
  fresh(): LoggedEvent[] {
    const newest = readdirSync(this.#dir)
      .filter((name) => /^\d{16}\.jsonl$/.test(name))
      .sort()
      .at(-1);
    if (newest === undefined) return [];
    if (newest !== this.#file) this.#turnTo(newest);
    const fd = openSync(join(this.#dir, this.#file), "r");
    try {
      const size = fstatSync(fd).size;
      if (size <= this.#offset) return [];
      const bytes = Buffer.alloc(size - this.#offset);
      this.#offset += readSync(fd, bytes, 0, bytes.length, this.#offset);
      const lines = (this.#rest + bytes.toString("utf8")).split("\n");
      this.#rest = lines.pop() ?? "";
      return lines.flatMap(eventIn);
    } finally {
      closeSync(fd);
    }
  }

  #turnTo(file: string): void {
    this.#file = file;
    this.#offset = 0;
    this.#rest = "";
  }
}

function eventIn(line: string): LoggedEvent[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return []; // padding of a segment that was set aside in advance
  }
}

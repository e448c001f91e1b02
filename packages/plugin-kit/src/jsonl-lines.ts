export interface LineReaderOptions {
  maxLineBytes: number;
  onLine(value: unknown, offsetAfter: number): void;
  onSkipped?(what: "too long" | "malformed", offsetAfter: number): void;
}

export interface LineReader {
  /** The next bytes of the file. They are not kept beyond the call. */
  add(bytes: Buffer): void;
  /** Forgets an unfinished line; the next byte is at this offset. */
  restart(offset: number): void;
}

const NEWLINE = 10;

/** Puts JSON lines together from pieces. Holds at most one unfinished line, and none that is too long. */
export function lineReader(options: LineReaderOptions): LineReader {
  let pieces: Buffer[] = [];
  let heldBytes = 0;
  let isTooLong = false;
  let offset = 0;

  function hold(part: Buffer): void {
    heldBytes += part.length;
    if (heldBytes > options.maxLineBytes) {
      isTooLong = true;
      pieces = [];
    }
    // A copy: the memory of the reader is used again.
    else if (part.length > 0) pieces.push(Buffer.from(part));
  }

  function endLine(last: Buffer): void {
    if (isTooLong || heldBytes + last.length > options.maxLineBytes) options.onSkipped?.("too long", offset);
    else tell(pieces.length === 0 ? last : Buffer.concat([...pieces, last]));
    pieces = [];
    heldBytes = 0;
    isTooLong = false;
  }

  function tell(line: Buffer): void {
    const text = line.toString("utf8").trim();
    if (text === "") return;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      options.onSkipped?.("malformed", offset);
      return;
    }
    options.onLine(value, offset);
  }

  return {
    restart(next) {
      pieces = [];
      heldBytes = 0;
      isTooLong = false;
      offset = next;
    },
    add(bytes) {
      let begin = 0;
      for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, begin)) {
        offset += end + 1 - begin;
        endLine(bytes.subarray(begin, end));
        begin = end + 1;
      }
      offset += bytes.length - begin;
      hold(bytes.subarray(begin));
    },
  };
}

import { writeSync } from "node:fs";
import { oneLine } from "../model/text.ts";
import type { Clock, Log } from "../slots/common.ts";
import { toIso } from "./clock.ts";

/** Writes lines of `time level message fields` to a stream. Secrets are replaced here, at the sink. */
export function createLog(options: {
  clock: Clock;
  write(line: string): void;
  isDebug: boolean;
  /** Replaces what must not be printed. */
  redact(text: string): string;
}): Log {
  const say = (level: string, message: string, fields?: Record<string, unknown>) => {
    const more = fields === undefined ? "" : ` ${JSON.stringify(fields)}`;
    options.write(`${toIso(options.clock.now())} ${level} ${oneLine(options.redact(message + more), 4000)}\n`);
  };
  return {
    debug: (message, fields) => {
      if (options.isDebug) say("debug", message, fields);
    },
    warn: (message, fields) => say("warn", message, fields),
  };
}

/** Writes to stderr directly, not through the stream. A stream that met a full disk stays broken, and its error would end the process. */
export function writeToStderr(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // The disk is full or nobody reads. A line is lost and the work continues.
  }
}

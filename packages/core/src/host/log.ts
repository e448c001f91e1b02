import { writeSync } from "node:fs";
import type { Clock, Log } from "../slots/common.ts";
import { toIso } from "./clock.ts";
import { oneLine } from "./text.ts";

/** Lines of `time level message fields` to a stream; secrets are replaced at this sink. */
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

/** To stderr, past the stream: one that met a full disk stays broken, and an error of its would end the process. */
export function writeToStderr(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // no room, or nobody reads: a line is lost, the work goes on
  }
}

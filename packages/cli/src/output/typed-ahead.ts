import { closeSync, constants, openSync, readSync } from "node:fs";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { Io } from "./io.ts";

const MAX_BYTES = 1024 * 1024;

/**
 * Discards what was typed or pasted before now, and says so. A block of commands that is pasted into a shell arrives at once. Its later lines would
 * become the answer to a question, or be typed to an agent.
 */
export function dropTypedAhead(io: Pick<Io, "stdin" | "err" | "isInTty">): void {
  if (!io.isInTty) return;
  const text = waitingText(io);
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== "");
  if (lines.length === 0) return;
  const what = lines.length === 1 ? "a line that was" : `${lines.length} lines that were`;
  io.err(`ao: ignored ${what} typed or pasted ahead: ${lines.slice(0, 3).map(quoted).join(", ")}\n`);
}

const quoted = (line: string): string => JSON.stringify(oneLine(line, 60));

/** Only raw mode can read a line that is not finished. */
function waitingText({ stdin }: Pick<Io, "stdin">): string {
  let file: number;
  try {
    // A separate open file, so that the terminal we share with the shell stays blocking.
    file = openSync("/dev/tty", constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return ""; // stdin is not our controlling terminal
  }
  try {
    stdin.setRawMode(true);
    return readWaiting(file);
  } finally {
    stdin.setRawMode(false);
    closeSync(file);
  }
}

function readWaiting(file: number): string {
  const bytes = Buffer.alloc(64 * 1024);
  let text = "";
  while (text.length < MAX_BYTES) {
    let count = 0;
    try {
      count = readSync(file, bytes, 0, bytes.length, null);
    } catch {
      break; // EAGAIN means that there is no more
    }
    if (count === 0) break;
    text += bytes.toString("utf8", 0, count);
  }
  return text;
}

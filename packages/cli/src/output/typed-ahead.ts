import { closeSync, constants, openSync, readSync } from "node:fs";
import { oneLine } from "@agent-orchestrator/core/host/text";
import type { Io } from "./io.ts";

const MAX_BYTES = 1024 * 1024;

/**
 * Takes out of the terminal what was typed or pasted before now, and says so. A block of commands that is pasted into a shell arrives at once: its later
 * lines would be taken for the answer to a question, or be typed to an agent.
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

/** In raw mode, since a line that is not finished yet can be read only there. */
function waitingText({ stdin }: Pick<Io, "stdin">): string {
  let file: number;
  try {
    // A file of its own: the terminal that we share with the shell stays as it is.
    file = openSync("/dev/tty", constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return ""; // stdin is a terminal, but not ours: nothing can be told apart
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
      break; // EAGAIN: there is no more
    }
    if (count === 0) break;
    text += bytes.toString("utf8", 0, count);
  }
  return text;
}

import { readFileSync } from "node:fs";

/** The kernel functions in which a program that reads a terminal sleeps. */
const READING = new Set(["wait_woken", "n_tty_read"]);
const MAX_DEPTH = 4;

/**
 * Whether the program or one of its children sleeps in a read of its terminal: then it takes a line now. Linux only; false
 * also means "cannot tell" (programs that poll, another system, a kernel that does not say).
 */
export function isReadingKeyboard(pid: number, depth = MAX_DEPTH): boolean {
  if (process.platform !== "linux") return false;
  if (READING.has(read(`/proc/${pid}/wchan`))) return true;
  if (depth === 0) return false;
  const children = read(`/proc/${pid}/task/${pid}/children`).split(" ");
  return children.some((child) => child !== "" && isReadingKeyboard(Number(child), depth - 1));
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // It has ended, or we may not see it.
  }
}

import { readFileSync } from "node:fs";
import { exec } from "@agent-orchestrator/plugin-kit/exec";

/** Whether the terminal hands its program single bytes, without editing of its own. null: cannot tell. */
export async function isRawTerminal(tty: string, env: Record<string, string>): Promise<boolean | null> {
  try {
    const flag = process.platform === "linux" ? "-F" : "-f";
    const { stdout } = await exec("stty", [flag, tty, "-a"], { env, timeoutMs: 2_000, maxBytes: 8_192 });
    return /(^|\s)-icanon\b/.test(stdout);
  } catch {
    return null; // the pane may be gone, or there is no stty: one source less
  }
}

/** The kernel functions in which a program that reads a terminal sleeps. */
const READING = new Set(["wait_woken", "n_tty_read"]);

/**
 * Whether the program or one of its children sleeps in a read of its terminal: then it takes a line now. Linux only; false also
 * means "cannot tell" (programs that poll, another system, a kernel that does not say).
 */
export function isReadingKeyboard(pid: number, depth = 4): boolean {
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
    return ""; // ended meanwhile, or not ours to see
  }
}

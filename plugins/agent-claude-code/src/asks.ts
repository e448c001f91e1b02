import { closeSync, constants, openSync, readdirSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { isErrno } from "@agent-orchestrator/plugin-kit/files/read-small";

/** A hook opens its pipe just after it has reported its question. */
const OPEN_TRIES = 20;
const OPEN_PAUSE_MS = 25;
/** What a pipe accepts in one write. More would arrive in pieces, and a reader that ends in between would get half. */
const MAX_ANSWER_BYTES = 60_000;

/** Passes an answer to the hook that waits for it. False if it no longer waits, or never did. */
export async function answerAsk(ask: { dir: string; pid: number }, answer: unknown, clock: Clock): Promise<boolean> {
  const line = `${JSON.stringify(answer)}\n`;
  if (Buffer.byteLength(line) > MAX_ANSWER_BYTES) return false;
  for (let tries = 0; tries < OPEN_TRIES; tries++) {
    const outcome = writeInto(join(ask.dir, String(ask.pid)), line);
    if (outcome !== "no reader") return outcome === "written";
    await clock.sleep(OPEN_PAUSE_MS);
  }
  return false;
}

/** Releases a hook whose dialog was settled in another way. It says nothing and ends. */
export function releaseAsk(dir: string, pid: number): void {
  const path = join(dir, String(pid));
  if (writeInto(path, "\n") !== "written") rmSync(path, { force: true });
}

/** From earlier launches. Whatever waits there waits for nothing. */
export function releaseAll(dir: string): void {
  for (const pid of openAsks(dir)) releaseAsk(dir, pid);
}

export function openAsks(dir: string): number[] {
  try {
    return readdirSync(dir)
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return []; // No launch has created it yet.
  }
}

/** Never waits, because a pipe without a reader cannot be opened for writing. */
function writeInto(path: string, line: string): "written" | "no reader" | "gone" {
  let fd: number;
  try {
    fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    if (isErrno(error, "ENXIO")) return "no reader";
    return "gone";
  }
  try {
    writeSync(fd, line);
    return "written";
  } catch {
    return "gone"; // Its reader has just ended.
  } finally {
    closeSync(fd);
  }
}

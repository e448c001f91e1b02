import { close, constants, open } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { exec } from "../exec.ts";
import { makeFolder } from "../files/folders.ts";
import { isErrno } from "../files/read-small.ts";

const openFd = promisify(open);
const closeFd = promisify(close);

/** One per file and process, for the life of the process. */
const leases = new Map<string, Promise<number>>();

interface LeaseRequest {
  file: string;
  env: Record<string, string>;
  clock: Clock;
  waitMs?: number;
}

/**
 * Programs outlive a daemon that is killed, and a git that still writes would undo our clean-up. Each program that writes
 * inherits the reading end of a named pipe: while one lives, opening the pipe for writing succeeds, in any process, after
 * any crash. This waits until the programs of earlier daemons have ended, and answers the descriptor to hand on.
 */
export function takeLease(request: LeaseRequest): Promise<number> {
  const known = leases.get(request.file);
  if (known !== undefined) return known;
  const lease = openLease(request);
  leases.set(request.file, lease);
  lease.catch(() => leases.delete(request.file));
  return lease;
}

async function openLease({ file, env, clock, waitMs = 60_000 }: LeaseRequest): Promise<number> {
  await makeFolder(dirname(file));
  const end = clock.monotonic() + waitMs;
  while (await isHeld(file)) {
    // Something that git started lives on for its own ends (a password cache). No git works that long unseen.
    if (clock.monotonic() > end) break;
    await clock.sleep(50);
  }
  await exec("mkfifo", ["-m", "600", file], { env, timeoutMs: 5_000, okExits: [0, 1] });
  return openFd(file, constants.O_RDONLY | constants.O_NONBLOCK);
}

async function isHeld(file: string): Promise<boolean> {
  try {
    await closeFd(await openFd(file, constants.O_WRONLY | constants.O_NONBLOCK));
    return true;
  } catch (error) {
    if (isErrno(error, "ENXIO", "ENOENT")) return false;
    throw error;
  }
}

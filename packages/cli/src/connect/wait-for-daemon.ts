import { closeSync, fstatSync, openSync, readSync, statfsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { AoError, ERROR_CODES, type ErrorCode } from "@agent-orchestrator/core/model/errors";
import type { Io } from "../output/io.ts";
import { daemonLogOf, type Starting, startDaemon } from "./start-daemon.ts";

const LIMIT_MS = 10_000;
const LOOK_MS = 15;
/** Another process holds the lock. It will listen soon, or it is about to end and the next attempt gets the lock. */
const LOCK_IS_TAKEN = ERROR_CODES.TRY_AGAIN.exit;
const TRY_ANEW_MS = 300;
/** What a daemon says while a start takes long. */
const READS = /reads the event log: file \d+ of \d+/;

/**
 * Starts the daemon and waits until `isUp`, for as long as it says in its log that it goes on. Many callers at the same time get
 * the same daemon.
 */
export async function startAndWait(io: Io, home: string, isUp: () => Promise<boolean>): Promise<void> {
  let end = io.now() + LIMIT_MS;
  let told = "";
  let starting = startDaemon(io, home);
  let nextTry = 0;
  for (;;) {
    if (await isUp()) return;
    if (io.now() > end) {
      const now = READS.exec(lastLines(home, starting.logFrom))?.[0] ?? told;
      if (now === told) throw await notUp(home, starting);
      told = now;
      end = io.now() + LIMIT_MS;
    }
    if (starting.exit !== null) {
      if (starting.exit.code !== LOCK_IS_TAKEN) throw diedAtStart(home, starting);
      await throwIfStopped(home);
      if (nextTry === 0) nextTry = io.now() + TRY_ANEW_MS;
      if (io.now() >= nextTry) {
        starting = startDaemon(io, home);
        nextTry = 0;
      }
    }
    await sleep(LOOK_MS);
  }
}

/** The daemon that holds the lock listens soon, unless a signal has stopped it. */
async function throwIfStopped(home: string): Promise<void> {
  const { stoppedError } = await import("./lock-owner.ts");
  const error = stoppedError(home);
  if (error !== null) throw error;
}

async function notUp(home: string, starting: Starting): Promise<AoError> {
  const { lockOwner, silentError } = await import("./lock-owner.ts");
  const owner = lockOwner(home);
  if (owner !== null && owner.pid !== starting.child.pid) return silentError(home, LIMIT_MS);
  const last = lastLines(home, starting.logFrom);
  return new AoError(
    "UNREACHABLE",
    `the daemon did not answer within ${LIMIT_MS / 1000} s${last === "" ? "" : `: ${last}`}`,
    {
      hint: "Run `ao logs` to see what it is doing, or `ao doctor` to find the problem.",
    },
  );
}

/** The last lines of the daemon are `ao daemon: …` and the hint. Its exit status gives the error code. */
function diedAtStart(home: string, starting: Starting): AoError {
  const lines = readFrom(daemonLogOf(home), starting.logFrom).trimEnd().split("\n");
  const said = lines.findLastIndex((line) => line.startsWith("ao daemon: "));
  if (said === -1) {
    if (hasNoRoom(home)) throw fullDisk(home);
    const last = lines.slice(-3).join("\n");
    return new AoError("FAILED", `the daemon ended while it was starting${last === "" ? "" : `: ${last}`}`, {
      hint: `See its log, ${daemonLogOf(home)}.`,
    });
  }
  const message = (lines[said] as string).slice("ao daemon: ".length);
  const hint = lines[said + 1];
  return new AoError(codeOf(starting.exit?.code ?? 1), message, { hint: hint ?? "Run `ao logs` for more." });
}

/** With less than this the daemon cannot even write its error. */
const NO_ROOM_BYTES = 64 * 1024;

function hasNoRoom(home: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(home);
    return bavail * bsize < NO_ROOM_BYTES;
  } catch {
    return false; // then there is another reason
  }
}

const fullDisk = (home: string): AoError =>
  new AoError("NO_SPACE", `the disk of ${home} is full, so the daemon cannot start`, {
    hint: "Free some space and try again. The agents keep running.",
  });

function codeOf(exit: number): ErrorCode {
  const codes = Object.entries(ERROR_CODES) as [ErrorCode, { exit: number }][];
  return codes.find(([, entry]) => entry.exit === exit)?.[0] ?? "FAILED";
}

function lastLines(home: string, from: number): string {
  return readFrom(daemonLogOf(home), from).trimEnd().split("\n").slice(-3).join("\n");
}

const MAX_READ = 16 * 1024;

function readFrom(path: string, from: number): string {
  try {
    const file = openSync(path, "r");
    try {
      const { size } = fstatSync(file);
      const start = Math.max(from, size - MAX_READ);
      const bytes = Buffer.alloc(Math.max(0, size - start));
      return bytes.toString("utf8", 0, readSync(file, bytes, 0, bytes.length, start));
    } finally {
      closeSync(file);
    }
  } catch {
    return ""; // there is no log
  }
}

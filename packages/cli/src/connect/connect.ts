import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import { BUILD, shouldReplace } from "@agent-orchestrator/core/protocol/build";
import type { Transport } from "@agent-orchestrator/core/protocol/client";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { DaemonInfo } from "@agent-orchestrator/core/protocol/results";
import type { Io } from "../output/io.ts";
import { call } from "./call.ts";
import { type DaemonFile, readDaemonFile, socketPathOf } from "./home.ts";
import { proofsOf } from "./proofs.ts";
import { type Look, NotListening, socketTransport } from "./transport.ts";

export interface Place {
  io: Io;
  home: string;
}

/** For one attempt: a daemon that was started meanwhile has a new token. */
export const callerOf = (place: Place): Caller => ({
  cwd: place.io.cwd(),
  pid: place.io.pid,
  build: BUILD,
  ...proofsOf(place),
});

/** A daemon that runs sends its first byte within milliseconds, and on a machine with too much to do within a few seconds. */
const FIRST_BYTE_MS = 10_000;
/** A process that a signal has stopped will not answer, so nobody has to wait for it. */
const LOOK_MS = 1_000;

/** For a transport: an answer that does not begin ends in an error that names the daemon's process. */
const patienceWith = ({ home }: Pick<Place, "home">): Look[] => [
  { afterMs: LOOK_MS, judge: async () => (await import("./lock-owner.ts")).stoppedError(home) },
  { afterMs: FIRST_BYTE_MS, judge: async () => (await import("./lock-owner.ts")).silentError(home, FIRST_BYTE_MS) },
];

/** What the daemon reports about itself, or null if none answers. Starts nothing. */
export async function pingDaemon({ io, home }: Place): Promise<DaemonInfo | null> {
  const path = socketPathOf(home, readDaemonFile(home));
  if (path === null) return null;
  try {
    const connection = { transport: socketTransport(path, patienceWith({ home })), caller: callerOf({ io, home }) };
    const outcome = await call(connection, { name: "ping", params: {} }, { signal: AbortSignal.timeout(5_000) });
    return outcome.ok ? outcome.data : null;
  } catch (error) {
    if (error instanceof NotListening || (error as Error).name === "TimeoutError") return null;
    if (isAoError(error) && error.code === "UNREACHABLE") return null;
    throw error;
  }
}

/** Whether anything listens on the socket. Takes much less time than a request. */
export function daemonAnswers({ home }: Pick<Place, "home">): Promise<boolean> {
  const path = socketPathOf(home, readDaemonFile(home));
  if (path === null) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on("connect", () => {
      resolve(true);
      socket.destroy();
    });
    socket.on("error", () => resolve(false));
  });
}

/** Starts the daemon if none answers. */
export async function ensureDaemon(place: Place): Promise<void> {
  const { startAndWait } = await import("./wait-for-daemon.ts");
  await startAndWait(place.io, place.home, async () => (await pingDaemon(place)) !== null);
}

/** The transport to the daemon, or null if there is certainly none. A daemon of an older build is replaced first. */
export async function findDaemon(place: Place, say: (line: string) => void): Promise<Transport | null> {
  let file = readDaemonFile(place.home);
  if (file.build !== null && shouldReplace(file.build, BUILD)) {
    await replaceOlder(place, { file, say });
    file = readDaemonFile(place.home);
  }
  const path = socketPathOf(place.home, file);
  return path === null ? null : socketTransport(path, patienceWith(place));
}

const GOES_WITHIN_MS = 25_000;

/** The file may be older than the daemon, so the daemon itself is asked before it is replaced. */
async function replaceOlder(
  place: Place,
  { file, say }: { file: DaemonFile; say: (line: string) => void },
): Promise<void> {
  const info = await pingDaemon(place);
  if (info === null || !shouldReplace(info.build, BUILD)) return;
  const path = socketPathOf(place.home, file);
  if (path === null) return;
  try {
    const connection = { transport: socketTransport(path, patienceWith(place)), caller: callerOf(place) };
    const outcome = await call(connection, { name: "replace", params: {} });
    if (!outcome.ok && outcome.error !== null) return; // an agent asks, which may not replace it: the older one answers
  } catch (error) {
    if (!(error instanceof NotListening)) throw error; // another command replaced it first
  }
  say(`replacing the daemon (${info.build} → ${BUILD}), the agents keep running`);
  await waitUntilGone(place.io, info.pid, GOES_WITHIN_MS);
  await ensureDaemon(place);
}

/** Whether the process ended in time. */
export async function waitUntilGone(io: Io, pid: number, limitMs: number): Promise<boolean> {
  const end = io.now() + limitMs;
  while (isThere(pid)) {
    if (io.now() > end) return false;
    await sleep(20);
  }
  return true;
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { newToken } from "@agent-orchestrator/core/host/ids";
import { AoError } from "@agent-orchestrator/core/model/errors";

export const LOOPBACK = "127.0.0.1";
/** Below the range for outgoing connections, so that none of those takes the port between our check and the program's start. */
const FROM = 20_000;
const TO = 32_000;
const TRIES = 50;
const LISTENING = "0A";
const LOOPBACK_HEX = "0100007F";

/** `preferred` if nothing listens on it, else any free port. */
export async function freePort(preferred: number | null, taken: (port: number) => boolean): Promise<number> {
  if (preferred !== null && (await isFree(preferred))) return preferred;
  for (let tries = 0; tries < TRIES; tries++) {
    const port = FROM + (Number.parseInt(newToken().slice(0, 8), 16) % (TO - FROM));
    if (!taken(port) && (await isFree(port))) return port;
  }
  throw new AoError("UNAVAILABLE", `none of ${TRIES} ports tried on ${LOOPBACK} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * Whether this program or a child of it listens on the loopback port. Nothing else may get the password. Null if this system does not
 * say.
 */
export function isListening(pid: number, port: number): boolean | null {
  if (process.platform !== "linux") return null;
  const inode = listenerInode(pid, port);
  if (inode === undefined) return null;
  return inode !== null && familyOf(pid).some((each) => holds(each, inode));
}

/** The kernel's inode of the socket in the program's own network. Null if there is none, undefined if it can't be read. */
function listenerInode(pid: number, port: number): string | null | undefined {
  const table = read(`/proc/${pid}/net/tcp`);
  if (table === null) return undefined;
  const local = `${LOOPBACK_HEX}:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const line of table.split("\n")) {
    const fields = line.trim().split(/\s+/);
    if (fields[1] === local && fields[3] === LISTENING) return fields[9] ?? null;
  }
  return null;
}

function familyOf(pid: number, depth = 4): number[] {
  const children = (read(`/proc/${pid}/task/${pid}/children`) ?? "").split(" ").filter((word) => word !== "");
  return [pid, ...(depth === 0 ? [] : children.flatMap((child) => familyOf(Number(child), depth - 1)))];
}

function holds(pid: number, inode: string): boolean {
  const dir = `/proc/${pid}/fd`;
  try {
    return readdirSync(dir).some((fd) => link(`${dir}/${fd}`) === `socket:[${inode}]`);
  } catch {
    return false; // It has ended, or belongs to another user. Then it is not our program.
  }
}

function link(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null; // Closed by now.
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null; // Ended by now, or not visible to us.
  }
}

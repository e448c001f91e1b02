import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileError } from "../host/files.ts";
import { errnoOf, type Fs, realFs } from "../host/fs-port.ts";
import { AoError } from "../model/errors.ts";

/** The kernel accepts 107 bytes (104 on macOS). Node silently binds a longer path under a shortened name. */
export const MAX_SOCKET_PATH = 100;
/** Socket names are at most this long, so that a folder can hold either all of them or none. */
export const MAX_SOCKET_NAME = 32;

export interface SocketDirQuery {
  home: string;
  env: Readonly<Record<string, string | undefined>>;
  uid?: number;
  fs?: Fs;
}

const fits = (dir: string): boolean => Buffer.byteLength(dir) + 1 + MAX_SOCKET_NAME <= MAX_SOCKET_PATH;

/** Where the sockets of one `$AO_HOME` may be, best first: its own `daemon` folder, or private ones in the user's runtime or temporary folder. */
function socketDirsOf({ home, env, uid = process.getuid?.() ?? 0 }: SocketDirQuery): string[] {
  const name = `ao-${uid}-${createHash("sha256").update(home).digest("hex").slice(0, 12)}`;
  const bases = [env.XDG_RUNTIME_DIR, env.TMPDIR, tmpdir(), "/tmp"].filter((base) => base?.startsWith("/") === true);
  return [join(home, "daemon"), ...bases.map((base) => join(base as string, name))].filter(fits);
}

/** The folder that is used unless something prevents it. `daemon.json` names the one in use. */
export function socketDirOf(query: SocketDirQuery): string {
  return socketDirsOf(query)[0] as string;
}

/** Creates the folder if it is missing. Refuses one that another user created, owns or can enter. */
export function ensureSocketDir(query: SocketDirQuery): string {
  const { fs = realFs, uid = process.getuid?.() ?? 0 } = query;
  const dir = socketDirsOf(query).find((candidate) => makeDir(fs, candidate));
  if (dir === undefined) {
    throw new AoError("UNAVAILABLE", "there is no folder for sockets", { hint: "Set AO_HOME to a shorter path." });
  }
  const stat = fs.lstat(dir);
  const isPrivate = stat.isDirectory() && stat.uid === uid && (stat.mode & 0o077) === 0;
  if (isPrivate) return dir;
  throw new AoError("REFUSED", `${dir} is not a private folder of this user`, {
    hint: "Remove it, or set AO_HOME to a shorter path.",
    details: { dir },
  });
}

/** False if the folder it would be in is missing or closed to us. */
function makeDir(fs: Fs, dir: string): boolean {
  try {
    fs.mkdir(dir, 0o700);
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "EEXIST") return true;
    if (errno === "ENOENT" || errno === "EACCES" || errno === "EROFS" || errno === "ENOTDIR") return false;
    throw fileError("create the folder", dir, error);
  }
}

/** The path of a socket. Throws for one that would be bound under a shortened name. */
export function socketPath(dir: string, name: string): string {
  const path = join(dir, name);
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return path;
  throw new AoError("CONFIG", `the socket path ${path} is too long`, { hint: "Set AO_HOME to a shorter path." });
}

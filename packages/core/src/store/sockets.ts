import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileError } from "../host/files.ts";
import { errnoOf, type Fs, realFs } from "../host/fs-port.ts";
import { AoError } from "../model/errors.ts";

/** The kernel takes 107 (104 on macOS); Node binds a longer path cut short, under another name, and says nothing. */
export const MAX_SOCKET_PATH = 100;
/** Names of sockets are at most this long, so that a folder either takes all of them or none. */
export const MAX_SOCKET_NAME = 32;

export interface SocketDirQuery {
  home: string;
  env: Readonly<Record<string, string | undefined>>;
  uid?: number;
  fs?: Fs;
}

const fits = (dir: string): boolean => Buffer.byteLength(dir) + 1 + MAX_SOCKET_NAME <= MAX_SOCKET_PATH;

/**
 * The folder for all sockets of one `$AO_HOME`: its own `daemon` folder, or, where that path is too long, a private
 * one in the user's runtime or temporary folder. Pure; `ensureSocketDir` makes and checks it.
 */
export function socketDirOf({ home, env, uid = process.getuid?.() ?? 0 }: SocketDirQuery): string {
  const own = join(home, "daemon");
  if (fits(own)) return own;
  const name = `ao-${uid}-${createHash("sha256").update(home).digest("hex").slice(0, 12)}`;
  const bases = [env.XDG_RUNTIME_DIR, env.TMPDIR, tmpdir(), "/tmp"];
  const dirs = bases.filter((base) => base?.startsWith("/") === true).map((base) => join(base as string, name));
  return dirs.find(fits) ?? join("/tmp", name);
}

/** Makes the folder where it is missing; refuses one that another user made, owns or can enter. */
export function ensureSocketDir(query: SocketDirQuery): string {
  const { fs = realFs, uid = process.getuid?.() ?? 0 } = query;
  const dir = socketDirOf(query);
  try {
    fs.mkdir(dir, 0o700);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw fileError("make the folder", dir, error);
  }
  const stat = fs.lstat(dir);
  const isPrivate = stat.isDirectory() && stat.uid === uid && (stat.mode & 0o077) === 0;
  if (isPrivate) return dir;
  throw new AoError("REFUSED", `${dir} is not a private folder of this user`, {
    hint: "Remove it, or set AO_HOME to a shorter path.",
    details: { dir },
  });
}

/** The path of a socket, checked: never one that would be bound under a shorter name. */
export function socketPath(dir: string, name: string): string {
  const path = join(dir, name);
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return path;
  throw new AoError("CONFIG", `the socket path ${path} is too long`, { hint: "Set AO_HOME to a shorter path." });
}

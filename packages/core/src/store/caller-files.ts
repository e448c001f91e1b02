import { atomicReplace, readText } from "../host/files.ts";
import { type Fs, realFs } from "../host/fs-port.ts";
import { newToken } from "../host/ids.ts";
import { isAoError } from "../model/errors.ts";
import type { Layout } from "./layout.ts";

/** Writes a new user's token for this daemon, and returns it. */
export function renewToken({ token: path }: Pick<Layout, "token">): string {
  const token = newToken();
  atomicReplace(path, `${token}\n`);
  return token;
}

/** Writes the token of a running daemon again unless its file has it. */
export function keepToken({ token: path }: Pick<Layout, "token">, token: string): void {
  if (readPlain(path) !== token) atomicReplace(path, `${token}\n`);
}

/** The secret of this home, in hex. Written once, because agents and the log outlive daemons. `isNew`: there was none. */
export function openSecret(
  { secret: path }: Pick<Layout, "secret">,
  fs: Fs = realFs,
): { secret: string; isNew: boolean } {
  const known = readText(path, { fs })?.trim() ?? "";
  if (/^[0-9a-f]{64}$/.test(known)) return { secret: known, isNew: false };
  const secret = newToken();
  atomicReplace(path, `${secret}\n`, { fs });
  return { secret, isNew: true };
}

/** The highest limit of file locks with which a daemon of this home has started, this one's `own` included. */
export function highestLockLimit({ lockLimit: path }: Pick<Layout, "lockLimit">, own: number): number {
  const text = readPlain(path);
  const known = text === "unlimited" ? Number.POSITIVE_INFINITY : /^\d+$/.test(text) ? Number(text) : 0;
  if (own <= known) return known;
  atomicReplace(path, `${own === Number.POSITIVE_INFINITY ? "unlimited" : own}\n`);
  return own;
}

/** Empty if there is none, or something else in its place, which the next write replaces or reports. */
function readPlain(path: string): string {
  try {
    return readText(path)?.trim() ?? "";
  } catch (error) {
    if (isAoError(error) && error.code === "REFUSED") return "";
    throw error;
  }
}

import { join, resolve } from "node:path";
import { ensureDir, fileError, listDir } from "../host/files.ts";
import { errnoOf, type Fs } from "../host/fs-port.ts";
import { userHome } from "../host/user.ts";
import { AoError } from "../model/errors.ts";
import { type Problem, problem } from "./problem.ts";

/** `$AO_HOME`, or `~/.agent-orchestrator`. */
export function resolveHome(env: Readonly<Record<string, string | undefined>>): string {
  const chosen = env.AO_HOME?.trim();
  if (chosen === undefined || chosen === "") return join(userHome(env), ".agent-orchestrator");
  return resolve(chosen === "~" || chosen.startsWith("~/") ? join(userHome(env), chosen.slice(1)) : chosen);
}

/** File systems over a network or through another process, where locks, renames and syncs have weaker guarantees. */
const FOREIGN = new Map([
  [0x6969, "NFS"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB"],
  [0x517b, "SMB"],
  [0x01021997, "9p"],
  [0x65735546, "FUSE"],
]);

/** Creates the state folder if it is missing, and refuses one that others could change. */
export function prepareHome(fs: Fs, home: string, uid = process.getuid?.() ?? null): Problem[] {
  if (home.includes("\0") || home.includes("\n")) throw refuse(home, "has a line break in its name", "Set AO_HOME.");
  if (isMissing(fs, home)) ensureDir(home, { fs });
  const stat = look(fs, home);
  if (stat.isSymbolicLink()) throw refuse(home, "is a symbolic link", "Set AO_HOME to the folder itself.");
  if (!stat.isDirectory()) throw refuse(home, "is not a folder", "Set AO_HOME to a folder.");
  if (uid !== null && stat.uid !== uid)
    throw refuse(home, "belongs to another user", "Set AO_HOME to a folder that you own.");
  const isOpenToOthers = (stat.mode & 0o022) !== 0;
  if (isOpenToOthers && (listDir(home, { fs }) ?? []).length > 0) {
    throw refuse(home, "can be written by other users", `Run \`chmod 700 ${home}\` if you trust what is in it.`);
  }
  if ((stat.mode & 0o077) !== 0) tighten(fs, home);
  return checkKind(fs, home);
}

function checkKind(fs: Fs, home: string): Problem[] {
  try {
    const name = FOREIGN.get(fs.statfs(home).type >>> 0);
    if (name === undefined) return [];
    return [problem("file-system", `${home} is on ${name}: locks and crash safety may not hold there`, { path: home })];
  } catch {
    // It only leads to a warning.
    return [];
  }
}

const refuse = (home: string, why: string, hint: string) =>
  new AoError("REFUSED", `the state folder ${home} ${why}`, { hint, details: { home } });

function isMissing(fs: Fs, home: string): boolean {
  try {
    fs.lstat(home);
    return false;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return true;
    throw fileError("look at", home, error);
  }
}

function look(fs: Fs, home: string) {
  try {
    return fs.lstat(home);
  } catch (error) {
    throw fileError("look at", home, error);
  }
}

function tighten(fs: Fs, home: string): void {
  try {
    fs.chmod(home, 0o700);
  } catch (error) {
    throw fileError("make private", home, error);
  }
}

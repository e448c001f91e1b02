import { readdir, readFile, readlink, realpath, stat } from "node:fs/promises";
import { HAS_PROC } from "@agent-orchestrator/core/host/guarded";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { eachOf } from "../checkout/each-of.ts";

/** A process that can still write to a folder that was renamed. */
export interface User {
  pid: number;
  name: string;
}

const AT_ONCE = 16;

/**
 * Processes that reach a folder without its name: they work in it (cwd, root), have a folder in it open, or a file for writing,
 * or mapped into memory for writing. This process does not count. Other users' processes cannot be seen, and none can without
 * /proc: then the answer is empty.
 */
export async function usersOf(folder: string): Promise<User[]> {
  if (!HAS_PROC) return [];
  const root = await realpath(folder).catch(() => folder);
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const users = await eachOf(pids, AT_ONCE, async (pid): Promise<User | null> => {
    if (!(await usesFolder(`/proc/${pid}`, root))) return null;
    const name = (await textOf(`/proc/${pid}/comm`))?.trim() ?? "";
    return name === "" ? null : { pid: Number(pid), name };
  });
  return users.filter((user) => user !== null);
}

async function usesFolder(process: string, root: string): Promise<boolean> {
  const isInside = (path: string | null) => path !== null && (path === root || path.startsWith(`${root}/`));
  for (const name of ["cwd", "root"]) if (isInside(await linkOf(`${process}/${name}`))) return true;
  for (const fd of await readdir(`${process}/fd`).catch(() => [])) {
    if (isInside(await linkOf(`${process}/fd/${fd}`)) && (await canWrite(process, fd))) return true;
  }
  const maps = (await textOf(`${process}/maps`)) ?? "";
  return maps.includes(root) && maps.split("\n").some((line) => /^\S+ .w.s /.test(line) && line.includes(` ${root}/`));
}

/** A folder counts, because files can be created relative to it. */
async function canWrite(process: string, fd: string): Promise<boolean> {
  const isFolder = (await stat(`${process}/fd/${fd}`).catch(() => null))?.isDirectory() === true;
  if (isFolder) return true;
  const flags = /^flags:\s+([0-7]+)/m.exec((await textOf(`${process}/fdinfo/${fd}`)) ?? "")?.[1] ?? "0";
  return (Number.parseInt(flags, 8) & 0b11) !== 0;
}

/** Whatever ended meanwhile, or belongs to another user, is null. */
const linkOf = (path: string): Promise<string | null> => readlink(path).catch(() => null);
const textOf = (path: string): Promise<string | null> => readFile(path, "utf8").catch(() => null);

const POLL_MS = 100;

/** Waits until nothing uses the folder. Returns what still does after `timeoutMs`. */
export async function untilUnused(
  folder: string,
  { clock, timeoutMs }: { clock: Clock; timeoutMs: number },
): Promise<User[]> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const users = await usersOf(folder);
    if (users.length === 0 || waitedMs >= timeoutMs) return users;
    await clock.sleep(POLL_MS);
  }
}

import type { Stats } from "node:fs";
import { lstat, mkdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { listFolder, moveOwn } from "../files/folders.ts";
import { isErrno } from "../files/read-small.ts";
import { isClosed, isGone } from "../files/readable.ts";
import { copyEntries, type Listed, listTree } from "./copy-tree.ts";
import { isThere } from "./inside.ts";
import { KEPT } from "./kept.ts";
import { listed } from "./not-kept.ts";

/**
 * Something was saved at the place of a checkout that had been moved away, by its path. Moves that to the kept work with one
 * rename, so that whatever still writes to it goes on there. Returns a sentence for the user, or null if there is nothing.
 */
export async function setLateAside(path: string, kept: string): Promise<string | null> {
  if (!(await isThere(path))) return null;
  const taken = new Set(await listFolder(kept));
  let n = 1;
  while (taken.has(`${KEPT.late}${n}`)) n += 1;
  const to = join(kept, `${KEPT.late}${n}`);
  try {
    await moveOwn(path, to);
    return `Saved too late: something was written to ${path} after the checkout had been moved away. It is in ${to}.`;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return null;
    if (!isErrno(error, "EXDEV")) throw error;
    return `Saved too late: something was written to ${path} after the checkout had been removed. It is still there.`;
  }
}

/** Adds to a restored checkout what was saved late. What it has in another version is only named. Returns sentences. */
export async function addLate(kept: string, path: string): Promise<string[]> {
  const notes: string[] = [];
  const names = (await listFolder(kept)).filter((name) => name.startsWith(KEPT.late));
  for (const name of names.sort()) {
    const from = join(kept, name);
    const other = await addTree(Buffer.from(from), Buffer.from(path)).catch((error: unknown) => {
      if (isClosed(error)) return ["what cannot be read"];
      throw error;
    });
    if (other.length > 0) notes.push(`Saved too late, and not added to the checkout: ${listed(other)} in ${from}`);
  }
  return notes;
}

/** Copies what `to` does not have. Returns what it has in another version. Goes through no link. */
async function addTree(from: Buffer, to: Buffer): Promise<string[]> {
  const other: string[] = [];
  const closed = new Set<string>();
  for (const one of await listTree(from)) {
    const name = one.path.subarray(from.length + 1).toString("latin1");
    const isBelowOther = [...closed].some((folder) => name.startsWith(`${folder}/`));
    if (name === "" || isBelowOther) continue;
    const target = Buffer.concat([to, Buffer.from("/"), Buffer.from(name, "latin1")]);
    if (await addOne(one, target)) continue;
    other.push(Buffer.from(name, "latin1").toString());
    closed.add(name);
  }
  return other;
}

/** Returns whether the target has it now. */
async function addOne({ path, stat }: Listed, to: Buffer): Promise<boolean> {
  const found = await lstat(to).catch((error: unknown) => {
    if (isGone(error)) return null;
    throw error;
  });
  if (stat.isDirectory()) {
    if (found === null) await mkdir(to, { mode: stat.mode & 0o7777 });
    return found === null || found.isDirectory();
  }
  if (found !== null) return isSame({ path, stat }, { path: to, stat: found });
  if (!stat.isFile() && !stat.isSymbolicLink()) return false;
  let isCopied = true;
  const onGone = () => {
    isCopied = false;
  };
  await copyEntries([{ from: path, to, stat }], { isDurable: false, onGone });
  return isCopied;
}

/** Larger files count as different. */
const COMPARED_BYTES = 64 * 1024 * 1024;

async function isSame(one: Listed, other: Listed): Promise<boolean> {
  const isLink = (stat: Stats) => stat.isSymbolicLink();
  if (isLink(one.stat) && isLink(other.stat)) {
    const read = (path: Buffer) => readlink(path, { encoding: "buffer" });
    return (await read(one.path)).equals(await read(other.path));
  }
  const areFiles = one.stat.isFile() && other.stat.isFile();
  if (!areFiles || one.stat.size !== other.stat.size || one.stat.size > COMPARED_BYTES) return false;
  return (await readFile(one.path)).equals(await readFile(other.path));
}

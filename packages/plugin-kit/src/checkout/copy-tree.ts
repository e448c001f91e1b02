import { constants, type Stats } from "node:fs";
import { chmod, copyFile, lstat, lutimes, mkdir, open, readdir, readlink, rm, symlink } from "node:fs/promises";
import { isErrno } from "../files/read-small.ts";
import { isGone } from "../files/readable.ts";
import { syncDir } from "../files/write-durable.ts";
import { eachOf } from "./each-of.ts";

const SLASH = Buffer.from("/");
const below = (dir: Buffer, name: Buffer): Buffer => Buffer.concat([dir, SLASH, name]);

/** Syncing is waiting: many at once are hardly slower than one. */
const AT_ONCE = 32;

export interface Copy {
  from: Buffer;
  to: Buffer;
  stat: Stats;
  /** Permissions of the copy, where they are not those of the original. */
  mode?: number;
}

export interface CopyOptions<C extends Copy> {
  /** The bytes are on the disk when the call returns. */
  isDurable: boolean;
  /** Called for what is gone, or something else by now. Absent: that is an error. */
  onGone?(copy: C): void;
}

/** Copies files and links with their permissions and times. The targets do not exist. */
export async function copyEntries<C extends Copy>(
  copies: readonly C[],
  { isDurable, onGone }: CopyOptions<C>,
): Promise<void> {
  await eachOf(copies, AT_ONCE, async (copy) => {
    try {
      await copyEntry(copy, isDurable);
    } catch (error) {
      if (onGone === undefined || !hasTurned(error)) throw error;
      await rm(copy.to, { force: true });
      onGone(copy);
    }
  });
}

/** What was seen a moment ago is gone, or is of another kind: something still works there. */
export const hasTurned = (error: unknown): boolean =>
  isErrno(error, "ENOENT", "ENOTDIR", "EISDIR", "EINVAL", "ELOOP", "ENOTSUP");

async function copyEntry({ from, to, stat, mode = stat.mode }: Copy, isDurable: boolean): Promise<void> {
  const times = [stat.atimeMs / 1000, stat.mtimeMs / 1000] as const;
  if (stat.isSymbolicLink()) {
    await symlink(await readlink(from, { encoding: "buffer" }), to);
    await lutimes(to, ...times);
    return;
  }
  if (isSparse(stat)) await copySparse(from, to);
  else await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await chmod(to, mode & 0o7777);
  await lutimes(to, ...times);
  if (isDurable) await syncFile(to);
}

/** What a file takes on the disk: a sparse one takes less than its size. */
export const diskBytes = (stat: Stats): number => (isSparse(stat) ? stat.blocks * BLOCK_BYTES : stat.size);

/** The unit of `stat.blocks`, whatever the file system uses. */
const BLOCK_BYTES = 512;
const CHUNK_BYTES = 1024 * 1024;
const isSparse = (stat: Stats): boolean =>
  stat.isFile() && stat.size > CHUNK_BYTES && stat.blocks * BLOCK_BYTES < stat.size;

/** Leaves out blocks that are all zeros, as they are in the original. */
async function copySparse(from: Buffer, to: Buffer): Promise<void> {
  const source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const target = await open(to, "wx", 0o600);
    try {
      const chunk = Buffer.alloc(CHUNK_BYTES);
      const zeros = Buffer.alloc(CHUNK_BYTES);
      for (let at = 0; ; ) {
        const { bytesRead } = await source.read(chunk, 0, CHUNK_BYTES, at);
        if (bytesRead === 0) break;
        const isEmpty = chunk.compare(zeros, 0, bytesRead, 0, bytesRead) === 0;
        if (!isEmpty) await target.write(chunk, 0, bytesRead, at);
        at += bytesRead;
        if (isEmpty) await target.truncate(at);
      }
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

export async function syncFile(path: string | Buffer): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    if (isErrno(error, "EACCES")) return null; // a file that not even its owner may read
    throw error;
  });
  try {
    await handle?.sync();
  } finally {
    await handle?.close();
  }
}

export interface FolderCopy {
  from: Buffer;
  to: Buffer;
  /** Entries of the top folder that are not copied. */
  names?: readonly string[];
  /** Ends of file names that are not copied anywhere. */
  suffixes?: readonly string[];
  isDurable: boolean;
  /** Something may still delete files in it. What is gone is not copied. */
  mayChange?: boolean;
}

/** Copies a folder as it is, over what is there. A file that may not be read is an error. */
export async function copyFolder({ from, to, isDurable, mayChange, ...leaveOut }: FolderCopy): Promise<void> {
  const copies: Copy[] = [];
  const folders: Copy[] = [];
  for (const { path, stat } of await listTree(from, leaveOut)) {
    const copy = { from: path, to: Buffer.concat([to, path.subarray(from.length)]), stat };
    if (stat.isDirectory()) {
      await mkdir(copy.to, { recursive: true, mode: 0o700 });
      folders.push(copy);
    } else if (stat.isFile() || stat.isSymbolicLink()) copies.push(copy);
  }
  await copyEntries(copies, { isDurable, ...(mayChange === true ? { onGone: () => undefined } : {}) });
  for (const folder of folders.reverse()) {
    if (isDurable) await syncDir(folder.to);
    await chmod(folder.to, folder.stat.mode & 0o7777);
  }
}

export interface Listed {
  path: Buffer;
  stat: Stats;
}

/** A folder and everything below it, each folder before what is in it. What disappears meanwhile is left out. */
export async function listTree(
  folder: Buffer,
  { names = [], suffixes = [] }: Pick<FolderCopy, "names" | "suffixes"> = {},
): Promise<Listed[]> {
  const listed: Listed[] = [{ path: folder, stat: await lstat(folder) }];
  const visit = async (above: Buffer): Promise<void> => {
    for (const name of await readdir(above, { encoding: "buffer" })) {
      const text = name.toString("latin1");
      if (above === folder && names.includes(text)) continue;
      if (suffixes.some((suffix) => text.endsWith(suffix))) continue;
      const path = below(above, name);
      try {
        const stat = await lstat(path);
        listed.push({ path, stat });
        if (stat.isDirectory()) await visit(path);
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    }
  };
  await visit(folder);
  return listed;
}

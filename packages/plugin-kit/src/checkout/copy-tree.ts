import { constants, type Stats } from "node:fs";
import { chmod, copyFile, lstat, lutimes, mkdir, open, readdir, readlink, symlink } from "node:fs/promises";
import { isErrno } from "../files/read-small.ts";
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

/** Copies files and links with their permissions and times. The targets do not exist. `isDurable`: the bytes are on the disk. */
export async function copyEntries(copies: readonly Copy[], isDurable: boolean): Promise<void> {
  await eachOf(copies, AT_ONCE, (copy) => copyEntry(copy, isDurable));
}

async function copyEntry({ from, to, stat, mode = stat.mode }: Copy, isDurable: boolean): Promise<void> {
  const times = [stat.atimeMs / 1000, stat.mtimeMs / 1000] as const;
  if (stat.isSymbolicLink()) {
    await symlink(await readlink(from, { encoding: "buffer" }), to);
    await lutimes(to, ...times);
    return;
  }
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await chmod(to, mode & 0o7777);
  await lutimes(to, ...times);
  if (isDurable) await syncFile(to);
}

async function syncFile(path: Buffer): Promise<void> {
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
}

/** Copies a folder as it is, over what is there. A file that may not be read is an error. */
export async function copyFolder({ from, to, names = [], suffixes = [], isDurable }: FolderCopy): Promise<void> {
  const copies: Copy[] = [];
  const folders: Copy[] = [];
  const visit = async (source: Buffer, target: Buffer): Promise<void> => {
    await mkdir(target, { recursive: true, mode: 0o700 });
    folders.push({ from: source, to: target, stat: await lstat(source) });
    for (const name of await readdir(source, { encoding: "buffer" })) {
      const text = name.toString("latin1");
      if (source === from && names.includes(text)) continue;
      if (suffixes.some((suffix) => text.endsWith(suffix))) continue;
      const [child, copy] = [below(source, name), below(target, name)];
      const stat = await lstat(child);
      if (stat.isDirectory()) await visit(child, copy);
      else if (stat.isFile() || stat.isSymbolicLink()) copies.push({ from: child, to: copy, stat });
    }
  };
  await visit(from, to);
  await copyEntries(copies, isDurable);
  for (const folder of folders.reverse()) {
    if (isDurable) await syncDir(folder.to);
    await chmod(folder.to, folder.stat.mode & 0o7777);
  }
}

/** Bytes of all files below a folder. */
export async function folderBytes(dir: Buffer, leaveOut: readonly string[] = []): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(dir, { encoding: "buffer" })) {
    if (leaveOut.includes(name.toString("latin1"))) continue;
    const stat = await lstat(below(dir, name));
    bytes += stat.isDirectory() ? await folderBytes(below(dir, name)) : stat.size;
  }
  return bytes;
}

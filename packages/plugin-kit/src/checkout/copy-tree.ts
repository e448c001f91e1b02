import { constants, type Stats } from "node:fs";
import { chmod, copyFile, lstat, lutimes, mkdir, open, readdir, readlink, symlink } from "node:fs/promises";
import { isErrno } from "../files/read-small.ts";

const SLASH = Buffer.from("/");
const below = (dir: Buffer, name: Buffer): Buffer => Buffer.concat([dir, SLASH, name]);

/** Copies one file or link with its permissions and time, and makes a file's bytes durable. The target does not exist. */
export async function copyEntry(from: Buffer, to: Buffer, stat: Stats): Promise<void> {
  if (stat.isSymbolicLink()) {
    await symlink(await readlink(from, { encoding: "buffer" }), to);
    await lutimes(to, stat.atimeMs / 1000, stat.mtimeMs / 1000);
    return;
  }
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const handle = await open(to, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    if (isErrno(error, "EACCES")) return null; // a file that not even its owner may read
    throw error;
  });
  try {
    await handle?.utimes(stat.atimeMs / 1000, stat.mtimeMs / 1000);
    await handle?.sync();
  } finally {
    await handle?.close();
  }
  await chmod(to, stat.mode & 0o7777);
}

/** Copies a folder as it is. `leaveOut` names entries of the top folder, and suffixes of files anywhere. */
export async function copyFolder(
  from: Buffer,
  to: Buffer,
  leaveOut: { names?: readonly string[]; suffixes?: readonly string[] } = {},
): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of await readdir(from, { encoding: "buffer" })) {
    const text = name.toString("latin1");
    if (leaveOut.names?.includes(text)) continue;
    if (leaveOut.suffixes?.some((suffix) => text.endsWith(suffix))) continue;
    const source = below(from, name);
    const stat = await lstat(source);
    const suffixes = leaveOut.suffixes === undefined ? {} : { suffixes: leaveOut.suffixes };
    if (stat.isDirectory()) await copyFolder(source, below(to, name), suffixes);
    else if (stat.isFile() || stat.isSymbolicLink()) await copyEntry(source, below(to, name), stat);
  }
  await chmod(to, (await lstat(from)).mode & 0o7777);
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

import { constants, type FileHandle, open } from "node:fs/promises";

/** Codes that mean: there is no such file here. */
const ABSENT = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENXIO", "EISDIR"]);

/**
 * The bytes of a small regular file that somebody else may have planted: never follows a link, never waits for a pipe,
 * never reads more than `maxBytes`. null where there is no such file; any other failure is thrown.
 */
export function readSmallBytes(path: string, maxBytes = 1024 * 1024): Promise<Buffer | null> {
  return withRegular(path, (handle, size) => (size > maxBytes ? Promise.resolve(null) : handle.readFile()));
}

/** The last bytes of such a file, at most `maxBytes`. It may be of any size. */
export function readEndBytes(path: string, maxBytes: number): Promise<Buffer | null> {
  return withRegular(path, async (handle, size) => {
    const bytes = Buffer.alloc(Math.min(size, maxBytes));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, Math.max(0, size - maxBytes));
    return bytes.subarray(0, bytesRead);
  });
}

async function withRegular(
  path: string,
  read: (handle: FileHandle, size: number) => Promise<Buffer | null>,
): Promise<Buffer | null> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isErrno(error) && ABSENT.has(error.code ?? "")) return null;
    throw error;
  }
  try {
    const stat = await handle.stat();
    return stat.isFile() ? await read(handle, stat.size) : null;
  } finally {
    await handle.close();
  }
}

export async function readSmallFile(path: string, maxBytes?: number): Promise<string | null> {
  return (await readSmallBytes(path, maxBytes))?.toString("utf8") ?? null;
}

export function isErrno(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code !== undefined && (codes.length === 0 || codes.includes(code));
}

import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** The end of the conversation as the user saw it, starting with a whole line. Null if it is empty. */
export function transcriptEnd(file: string, maxBytes: number): string | null {
  const now = tail(file, maxBytes);
  if (now === null) return null;
  const room = maxBytes - Buffer.byteLength(now);
  const before = room > 0 ? (tail(`${file}.old`, room) ?? "") : "";
  return before + now;
}

function tail(file: string, maxBytes: number): string | null {
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, maxBytes));
    const count = readSync(fd, bytes, 0, bytes.length, size - bytes.length);
    const isCut = size > bytes.length;
    return bytes.toString("utf8", isCut ? bytes.indexOf(0x0a) + 1 : 0, count);
  } finally {
    closeSync(fd);
  }
}

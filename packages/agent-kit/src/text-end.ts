import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { isErrno } from "@agent-orchestrator/plugin-kit/files/read-small";

/** Opens a file to read. Null if there is none or it is not ours to read. Never follows a link, and never waits for a pipe. */
export function openToRead(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EACCES", "ENXIO", "ELOOP")) return null;
    throw error;
  }
}

/** The text of a part of a file: at most `maxBytes`, from the byte `from`, or (below 0) from that far before its end. Null if there is no such file. */
export function textFrom(path: string, from: number, maxBytes = Number.POSITIVE_INFINITY): string | null {
  const fd = openToRead(path);
  if (fd === null) return null;
  try {
    const { size } = fstatSync(fd);
    const start = from < 0 ? Math.max(0, size + from) : from;
    const bytes = Buffer.alloc(Math.min(Math.max(0, size - start), maxBytes));
    return bytes.toString("utf8", 0, readSync(fd, bytes, 0, bytes.length, start));
  } finally {
    closeSync(fd);
  }
}

/** The end of a text file, at most this many bytes, from the start of a line. Null if there is no such file. */
export function endOfFile(path: string, maxBytes: number): string | null {
  // One byte more shows whether the first line is whole.
  const text = textFrom(path, -maxBytes - 1);
  return text === null ? null : endOfText(text, maxBytes);
}

/** The end of a text, at most this many bytes. A text that is cut begins with a whole line, or with a whole character if it has only one. */
export function endOfText(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  const from = bytes.length - maxBytes;
  const line = bytes.indexOf("\n", from - 1) + 1;
  return bytes
    .subarray(line === 0 || line === bytes.length ? from : line)
    .toString("utf8")
    .replace(/^\ufffd+/, "");
}

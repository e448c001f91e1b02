import {
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { through } from "@agent-orchestrator/core/host/guarded";

/** Writes a file that appears whole or not at all, readable by this user only. A full disk leaves the old one unchanged. */
export function writeWhole(file: string, text: string): void {
  through(file, (at) => {
    const temporary = `${at}.${process.pid}.tmp`;
    writeTemporary(temporary, text);
    renameSync(temporary, at);
  });
}

/** The same, but returns false if somebody else was first. */
export function claimWhole(file: string, text: string): boolean {
  return through(file, (at) => claimAt(at, text));
}

function claimAt(file: string, text: string): boolean {
  const temporary = `${file}.${process.pid}.tmp`;
  writeTemporary(temporary, text);
  try {
    linkSync(temporary, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    unlinkSync(temporary);
  }
}

function writeTemporary(file: string, text: string): void {
  removeFile(file);
  const fd = openSync(file, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW, 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    fsyncSync(fd);
  } catch (error) {
    removeFile(file);
    throw error;
  } finally {
    closeSync(fd);
  }
}

export function removeFile(file: string): void {
  try {
    through(file, (at) => unlinkSync(at));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/** Null if there is no such file. */
export function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

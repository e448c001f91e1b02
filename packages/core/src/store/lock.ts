import { createRequire } from "node:module";
import { closeQuietly, fileError } from "../host/files.ts";
import { type Fs, OPEN, realFs } from "../host/fs-port.ts";
import { AoError } from "../model/errors.ts";

/** Held until released or until the process ends, however it ends. */
export interface Lock {
  release(): void;
}

interface Native {
  tryLock(fd: number): boolean;
}

/** Loaded when first needed, with a plain `require`, so that a missing prebuilt file becomes a readable error. */
function loadNative(): Native {
  try {
    return createRequire(import.meta.url)("fs-native-extensions") as Native;
  } catch (cause) {
    const hint = "Install ao again on this machine. The package fs-native-extensions has no build for it here.";
    throw new AoError("UNAVAILABLE", "file locks are not available on this machine", { hint, cause });
  }
}

/**
 * Takes the kernel's lock on a file. Returns null if another process has it. The file is never removed, because then the
 * holder of the removed file and the holder of its successor would both have a lock.
 */
export function tryLock(path: string, fs: Fs = realFs): Lock | null {
  const native = loadNative();
  let fd: number;
  try {
    fd = fs.open(path, OPEN.lock, 0o600);
  } catch (error) {
    throw fileError("open", path, error);
  }
  let isHeld = false;
  try {
    isHeld = native.tryLock(fd);
  } catch (error) {
    throw fileError("lock", path, error);
  } finally {
    if (!isHeld) closeQuietly(fs, fd);
  }
  if (!isHeld) return null;
  let isReleased = false;
  return {
    release() {
      if (!isReleased) closeQuietly(fs, fd);
      isReleased = true;
    },
  };
}

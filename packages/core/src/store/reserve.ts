import { closeQuietly, removeIfThere, writeAll } from "../host/files.ts";
import { type Fs, OPEN } from "../host/fs-port.ts";

export const RESERVE_BYTES = 8 << 20;

/** Space set aside for a full disk, so that the last records can still be written. */
export interface Reserve {
  readonly isHeld: boolean;
  /** Gives the space back to the disk. */
  release(): void;
  /**
   * Takes it again if at least twice as much is free. Never throws, because it is missing when the disk is full. Also true if there is
   * room but something else in its place, which is left alone: the log works without a reserve.
   */
  restore(): boolean;
}

export function openReserve(fs: Fs, path: string, bytes = RESERVE_BYTES): Reserve {
  let isHeld = sizeOf(fs, path) === bytes;
  return {
    get isHeld() {
      return isHeld;
    },
    release() {
      removeIfThere(fs, path);
      isHeld = false;
    },
    restore() {
      if (isHeld) return true;
      try {
        if (fs.statfs(path.slice(0, path.lastIndexOf("/"))).freeBytes < 2 * bytes) return false;
        if (isFolder(fs, path)) return true;
        removeIfThere(fs, path);
        fill(fs, path, bytes);
        isHeld = true;
      } catch {
        // Still no space, or no way to know. Try again later. The log works without it.
        removeIfThere(fs, path);
      }
      return isHeld;
    },
  };
}

function isFolder(fs: Fs, path: string): boolean {
  try {
    return fs.lstat(path).isDirectory();
  } catch {
    return false; // nothing is there
  }
}

function sizeOf(fs: Fs, path: string): number | null {
  try {
    const stat = fs.lstat(path);
    return stat.isFile() ? stat.size : null;
  } catch {
    // Missing or unreadable, so create it again.
    return null;
  }
}

function fill(fs: Fs, path: string, bytes: number): void {
  const fd = fs.open(path, OPEN.createNew, 0o600);
  try {
    const chunk = Buffer.alloc(Math.min(bytes, 1 << 20));
    for (let done = 0; done < bytes; done += chunk.length) writeAll(fs, fd, chunk.subarray(0, bytes - done));
  } finally {
    closeQuietly(fs, fd);
  }
}

import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { throughAsync } from "@agent-orchestrator/core/host/guarded";

/** Replaces a file so that readers, and a program that was killed, find the old text or the new one, whole. */
export const writeWhole = (path: string, text: string | Uint8Array): Promise<void> =>
  throughAsync(path, (at) => replace(at, text, false));

/** The same for a machine that was switched off: on the disk when it returns. */
export const writeDurable = (path: string, text: string | Uint8Array): Promise<void> =>
  throughAsync(path, async (at) => {
    await replace(at, text, true);
    await syncDir(dirname(at));
  });

async function replace(path: string, text: string | Uint8Array, isSynced: boolean): Promise<void> {
  const temporary = `${path}.new`;
  await rm(temporary, { force: true });
  const handle = await open(temporary, "wx", 0o600);
  try {
    await handle.writeFile(text);
    if (isSynced) await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}

/** Makes new and renamed entries of a folder durable. */
export async function syncDir(path: string | Buffer): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "r");
    await handle.sync();
  } finally {
    await handle?.close();
  }
}

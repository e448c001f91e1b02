import { chownSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

export const NOBODY = 65_534;

/** Whether `asNobody` can make this process another user: only root can. */
export const canBeNobody = (): boolean => process.getuid?.() === 0;

/**
 * Runs `work` as a user without privileges. Root may read and remove everything, so what depends on permissions
 * cannot be tested as root. During the call this applies to the whole process, including programs that it starts.
 */
export async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

/** Gives everything below `path` to the user that `asNobody` becomes. */
export function giveToNobody(path: string): void {
  chownSync(path, NOBODY, NOBODY);
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) {
    const child = join(path, name);
    if (!lstatSync(child).isSymbolicLink()) giveToNobody(child);
  }
}

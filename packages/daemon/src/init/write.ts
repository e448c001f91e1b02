import { closeSync, existsSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { CONFIG_NAMES } from "../config/find.ts";

/** Where `ao init` would write. Throws REFUSED if this repository already has a config. */
export function newConfigPath(root: string): string {
  const existing = CONFIG_NAMES.find((name) => existsSync(join(root, name)));
  if (existing !== undefined) throw alreadyThere(join(root, existing));
  return join(root, CONFIG_NAMES[0]);
}

/** Writes a new config. Never overwrites anything, not even a dangling link. */
export function writeConfig(path: string, text: string): void {
  let fd: number;
  try {
    fd = openSync(path, "wx", 0o644);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") throw alreadyThere(path, cause);
    throw new AoError("FAILED", `${path} can't be written: ${(cause as Error).message}`, { cause });
  }
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function alreadyThere(path: string, cause?: unknown): AoError {
  return new AoError("REFUSED", `there is already a config: ${path}`, {
    hint: "Run `ao config validate` to check it, and `ao trust` to let it run.",
    ...(cause === undefined ? {} : { cause }),
  });
}

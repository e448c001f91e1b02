import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** Returns false if it does not exist, is not a file, or we may not run it. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // A missing or non-executable file is a result, not a failure.
  }
}

/** Full path of a program by its name on this PATH, or by its path (`~/` is HOME). null: not there. Relative places on PATH don't count. */
export function findProgram(command: string, env: Readonly<Record<string, string>>): string | null {
  const path = inHome(command, env);
  if (path.includes("/")) return isExecutable(path) ? path : null;
  const places = (env.PATH ?? "").split(delimiter).filter((dir) => isAbsolute(dir));
  return places.map((dir) => join(dir, path)).find(isExecutable) ?? null;
}

/** `~/x` as the path that it means. */
export function inHome(path: string, { HOME }: Readonly<Record<string, string>>): string {
  return path.startsWith("~/") && HOME !== undefined ? join(HOME, path.slice(2)) : path;
}

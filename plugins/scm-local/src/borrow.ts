import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { atomicReplace, ensureDir, removeIfThere } from "@agent-orchestrator/core/host/files";
import { realFs } from "@agent-orchestrator/core/host/fs-port";
import { type ConfigEntry, configText } from "@agent-orchestrator/plugin-kit/git/config";

/** Tells a repository that borrows a shallow clone's objects where the clone ends. */
export function shallowEnv(commonDir: string): Record<string, string> {
  const shallow = join(commonDir, "shallow");
  return existsSync(shallow) ? { GIT_SHALLOW_FILE: shallow } : {};
}

/** The same, for a git folder where programs run without our environment. */
export function borrowShallow(gitDir: string, commonDir: string): void {
  const shallow = join(commonDir, "shallow");
  if (existsSync(shallow)) atomicReplace(join(gitDir, "shallow"), readFileSync(shallow));
  else removeIfThere(realFs, join(gitDir, "shallow"));
}

/** Lets this git folder read the objects of `objectsDir` as if they were its own. */
export function borrowObjects(gitDir: string, objectsDir: string): void {
  ensureDir(join(gitDir, "objects", "info"));
  const line = objectsDir.includes("\n") ? JSON.stringify(objectsDir) : objectsDir;
  atomicReplace(join(gitDir, "objects", "info", "alternates"), `${line}\n`);
}

/** Writes the whole config of a git folder of ours, readable only by us: it may contain an address with a password. */
export function writeConfig(gitDir: string, entries: readonly ConfigEntry[]): void {
  atomicReplace(join(gitDir, "config"), configText(entries));
}

export const setting = (key: string, value: string): ConfigEntry => ({ key, value, scope: "local" });

/** The settings that give a git folder this format, whatever else its config says. */
export function formatSettings(objectFormat: string, isBare: boolean): ConfigEntry[] {
  return [
    setting("core.repositoryformatversion", objectFormat === "sha1" ? "0" : "1"),
    setting("core.bare", String(isBare)),
    ...(objectFormat === "sha1" ? [] : [setting("extensions.objectformat", objectFormat)]),
  ];
}

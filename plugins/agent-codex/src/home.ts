import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { realFolder } from "@agent-orchestrator/agent-kit/launch";
import { isTrustedIn } from "./toml.ts";

const MAX_CONFIG_BYTES = 1 << 20;

/** Where Codex keeps the user's settings, login and conversations. We only read it. */
export function codexHomeOf(env: Readonly<Record<string, string>>): string {
  const home = env.CODEX_HOME;
  return home !== undefined && home !== "" ? home : join(env.HOME ?? "/", ".codex");
}

/** Whether the user told Codex to trust one of these folders, or their real paths. */
export function isTrusted(codexHome: string, folders: readonly string[]): boolean {
  const config = readConfig(codexHome);
  if (config === null) return false;
  return folders.some((folder) => [folder, realFolder(folder)].some((each) => isTrustedIn(config, each)));
}

/** Follows links, because many users link it to their dotfiles. */
export function readConfig(codexHome: string): string | null {
  const path = join(codexHome, "config.toml");
  try {
    const stats = statSync(path);
    return stats.isFile() && stats.size <= MAX_CONFIG_BYTES ? readFileSync(path, "utf8") : null;
  } catch {
    return null; // No config, or not readable, so it trusts nothing.
  }
}

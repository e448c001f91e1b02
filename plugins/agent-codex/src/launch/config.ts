import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { realFolder } from "@agent-orchestrator/agent-kit/launch";

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

/** A TOML basic string. */
export function tomlString(text: string): string {
  // JSON escapes what TOML requires, except for DEL.
  return JSON.stringify(text.toWellFormed()).replace(/\u007f/g, "\\u007f");
}

export const tomlList = (texts: readonly string[]): string => `[${texts.map(tomlString).join(",")}]`;

/** `-c key=value`, as Codex accepts it. The key is split at its dots, so names with dots go into the value as an inline table. */
export const override = (key: string, value: string): string[] => ["-c", `${key}=${value}`];

/**
 * Whether `config.toml` trusts this folder. Codex writes `[projects."/path"]` with `trust_level = "trusted"`. A user may write the
 * same as an inline table. Anything more complex is not understood, which only means that Codex asks.
 */
export function isTrustedIn(config: string, folder: string): boolean {
  const quoted = [tomlString(folder), `'${folder}'`].map(escapePattern).join("|");
  const table = new RegExp(`^\\s*\\[\\s*projects\\s*\\.\\s*(?:${quoted})\\s*\\]\\s*(?:#.*)?$`, "m").exec(config);
  if (table !== null) {
    const body = config.slice(table.index + table[0].length).split(/^\s*\[/m)[0] ?? "";
    return /^\s*trust_level\s*=\s*["']trusted["']/m.test(body);
  }
  const inline = `(?:${quoted})\\s*(?:=\\s*\\{[^}]*trust_level|\\.\\s*trust_level)\\s*=\\s*["']trusted["']`;
  return new RegExp(inline).test(config);
}

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

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

import { dirname, resolve } from "node:path";
import { type ConfigEntry, listOwnConfig } from "./config.ts";
import { type GitHost, git } from "./run.ts";

export interface ResolvedEntry extends ConfigEntry {
  /** Such as `file:/home/me/.gitconfig`. */
  origin: string;
}

/** From the user's or the system's config, included files among them. */
export const isUsers = ({ scope }: ConfigEntry): boolean => scope === "global" || scope === "system";

/**
 * All that git resolves in this repository, in the order in which it holds, includes followed. Not what is included for the branch
 * that is checked out there: another checkout has another branch.
 */
export async function resolvedConfig(host: GitHost, gitDir: string): Promise<ResolvedEntry[]> {
  const args = ["config", "--list", "--show-scope", "--show-origin", "-z"];
  const { stdout, exitCode } = await git(host, args, {
    cwd: gitDir,
    gitDir,
    timeoutMs: 10_000,
    okExits: [0, 128, 129],
  });
  // git 2.25 knows no --show-scope: then what depends on the place is not known, and the rest holds anyway.
  if (exitCode !== 0) return (await listOwnConfig(host, gitDir)).map((entry) => ({ ...entry, origin: "" }));
  const all = parse(stdout).filter(({ scope }) => scope !== "command");
  const ofBranches = new Set(all.flatMap((entry) => branchInclude(entry, { gitDir, home: host.env().HOME ?? "/" })));
  return all.filter(({ origin, key }) => !ofBranches.has(origin) && !/^include(if)?\./.test(key));
}

function parse(text: string): ResolvedEntry[] {
  const parts = text.split("\0");
  const entries: ResolvedEntry[] = [];
  for (let at = 0; at + 2 < parts.length; at += 3) {
    const [scope = "", origin = "", entry = ""] = parts.slice(at, at + 3);
    const end = entry.indexOf("\n");
    const [key, value] = end === -1 ? [entry, null] : [entry.slice(0, end), entry.slice(end + 1)];
    entries.push({ scope, origin, key, value });
  }
  return entries;
}

/** The origin of what `includeIf "onbranch:…"` brings. */
function branchInclude({ key, value, origin }: ResolvedEntry, at: { gitDir: string; home: string }): string[] {
  if (!key.startsWith("includeif.onbranch:") || value === null) return [];
  const file = resolve(at.gitDir, origin.slice("file:".length));
  return [`file:${value.startsWith("~/") ? resolve(at.home, value.slice(2)) : resolve(dirname(file), value)}`];
}

/** Entries that hold there and not here, so that with them the same holds here. */
export function onlyThere(there: readonly ResolvedEntry[], here: readonly ResolvedEntry[]): ConfigEntry[] {
  const valuesOf = (entries: readonly ResolvedEntry[], key: string) =>
    entries.filter((entry) => entry.key === key).map(({ value }) => value);
  const keys = [...new Set(there.map(({ key }) => key))];
  return keys.flatMap((key) => {
    const [wanted, given] = [valuesOf(there, key), valuesOf(here, key)];
    const isBeginning = given.every((value, at) => value === wanted[at]);
    const missing = isBeginning ? wanted.slice(given.length) : wanted;
    return missing.map((value) => ({ key, value, scope: "local" }));
  });
}

import { readdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readSmallFile } from "@agent-orchestrator/plugin-kit/files/read-small";

/** Files of OpenCode's config, in any of its folders. */
const FILES = ["config.json", "opencode.json", "opencode.jsonc"];
/** Agents of the user's own, a Markdown file each. */
const AGENT_DIRS = ["agent", "agents", "mode", "modes"];
const MANAGED = ["/etc/opencode", "/Library/Application Support/opencode"];
const VARIABLES = ["OPENCODE_CONFIG", "OPENCODE_CONFIG_CONTENT", "OPENCODE_CONFIG_DIR", "OPENCODE_PERMISSION"];
/** What a rule or an agent of the user's cannot be without. */
const MENTIONS = /\b(permission|agent|mode|tools)\b/;
const MAX_DEPTH = 30;

/**
 * Whether the user may have permission rules or agents of their own. Most have none, and then OpenCode need not be started once more just
 * to say so. Whatever could hold some counts as some: OpenCode itself says what they come to.
 */
export async function mayHaveRules(directory: string, env: Readonly<Record<string, string>>): Promise<boolean> {
  if (VARIABLES.some((name) => (env[name] ?? "") !== "")) return true;
  const home = env.HOME ?? "/";
  const configDir = join(env.XDG_CONFIG_HOME ?? join(home, ".config"), "opencode");
  const folders = [configDir, join(home, ".opencode"), ...MANAGED, ...upwards(directory)];
  const found = await Promise.all([...folders.map(mentionsRules), hasRemoteConfig(env, home)]);
  return found.some((each) => each);
}

/** The folder itself and those above it, each with its `.opencode`. */
function upwards(directory: string): string[] {
  const folders: string[] = [];
  for (let next = directory; folders.length < MAX_DEPTH; next = dirname(next)) {
    folders.push(next, join(next, ".opencode"));
    if (next === dirname(next)) break;
  }
  return folders;
}

async function mentionsRules(folder: string): Promise<boolean> {
  const texts = await Promise.all(FILES.map((name) => read(join(folder, name))));
  if (texts.some((text) => text !== null && MENTIONS.test(text))) return true;
  // A checkout's own folders of these names are no agents: only those of a config folder are.
  if (!/\.?opencode$/.test(folder)) return false;
  const names = await Promise.all(AGENT_DIRS.map((name) => list(join(folder, name))));
  return names.flat().length > 0;
}

/** An organisation's config is fetched after a login of this kind. */
async function hasRemoteConfig(env: Readonly<Record<string, string>>, home: string): Promise<boolean> {
  const dataDir = join(env.XDG_DATA_HOME ?? join(home, ".local/share"), "opencode");
  return (await read(join(dataDir, "auth.json")))?.includes("wellknown") ?? false;
}

/** A file that cannot be read may hold rules too. */
async function read(path: string): Promise<string | null> {
  return await readLinked(path).catch(() => "permission");
}

/** Many keep their config as a link into their dotfiles: links are followed. */
export async function readLinked(path: string): Promise<string | null> {
  const real = await realpath(path).catch(() => path); // There is none: that is told by the reading.
  return await readSmallFile(real);
}

async function list(path: string): Promise<string[]> {
  return await readdir(path).catch(() => []); // Most have no such folder.
}

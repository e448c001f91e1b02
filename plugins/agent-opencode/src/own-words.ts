import { readdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readSmallFile } from "@agent-orchestrator/plugin-kit/files/read-small";

/** Files of OpenCode's config, in any of its folders. */
const FILES = ["config.json", "opencode.json", "opencode.jsonc"];
/** The user's own agents, each a Markdown file. */
const AGENT_DIRS = ["agent", "agents", "mode", "modes"];
const MANAGED = ["/etc/opencode", "/Library/Application Support/opencode"];
const VARIABLES = ["OPENCODE_CONFIG", "OPENCODE_CONFIG_CONTENT", "OPENCODE_CONFIG_DIR", "OPENCODE_PERMISSION"];
/** What every rule or agent of the user must contain. */
const MENTIONS = /\b(permission|agent|mode|tools)\b/;
const MAX_DEPTH = 30;

/**
 * Whether the user may have permission rules or agents of their own. Most have none, and then OpenCode need not be started just to say
 * so. Whatever could contain some counts, because OpenCode itself resolves them.
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
  // A checkout's own folders of these names don't contain agents. Only those of a config folder do.
  if (!/\.?opencode$/.test(folder)) return false;
  const names = await Promise.all(AGENT_DIRS.map((name) => list(join(folder, name))));
  return names.flat().length > 0;
}

/** An organisation's config is fetched after a login of this kind. */
async function hasRemoteConfig(env: Readonly<Record<string, string>>, home: string): Promise<boolean> {
  const dataDir = join(env.XDG_DATA_HOME ?? join(home, ".local/share"), "opencode");
  return (await read(join(dataDir, "auth.json")))?.includes("wellknown") ?? false;
}

/** An unreadable file may contain rules too. */
async function read(path: string): Promise<string | null> {
  return await readLinked(path).catch(() => "permission");
}

/** Follows links, because many users link their config to their dotfiles. */
export async function readLinked(path: string): Promise<string | null> {
  const real = await realpath(path).catch(() => path); // There is none, which reading it will show.
  return await readSmallFile(real);
}

async function list(path: string): Promise<string[]> {
  return await readdir(path).catch(() => []); // Most have no such folder.
}

import { readdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseJson } from "@agent-orchestrator/agent-kit/kept";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import { readSmallFile } from "@agent-orchestrator/plugin-kit/files/read-small";
import { z } from "zod";
import type { PermissionConfig, UserRules } from "./permissions.ts";

const Action = z.enum(["allow", "ask", "deny"]);
const Permission = z.union([
  Action.transform((action): PermissionConfig => ({ "*": action })),
  z.record(z.string(), z.union([Action, z.record(z.string(), Action)])),
]);
const Agent = z.looseObject({ permission: Permission.optional(), disable: z.boolean().optional() });
const Resolved = z.looseObject({
  permission: Permission.optional(),
  agent: z.record(z.string(), Agent).optional(),
  instructions: z.array(z.string()).optional(),
});

export const NO_RULES: UserRules = { permission: {}, agents: {} };
const TIMEOUT_MS = 20_000;

/** Several sessions are often started at once, and each answer costs a whole start of the program. */
const KEPT_MS = 60_000;
const kept = new Map<string, { at: number; rules: Promise<UserRules | null> }>();

export interface UserRulesQuestion {
  cwd: string;
  env: Record<string, string>;
  /** The same for all checkouts of one project. */
  key: string;
  clock: Clock;
}

/** Like `askUserRules`, but cached per project for at most a minute. */
export function readUserRules(program: string, { cwd, env, key, clock }: UserRulesQuestion): Promise<UserRules | null> {
  const name = JSON.stringify([
    program,
    key,
    env.HOME,
    env.XDG_CONFIG_HOME,
    env.OPENCODE_CONFIG,
    env.OPENCODE_CONFIG_CONTENT,
  ]);
  const known = kept.get(name);
  if (known !== undefined && clock.monotonic() - known.at < KEPT_MS) return known.rules;
  const rules = askUserRules(program, { cwd, env });
  kept.set(name, { at: clock.monotonic(), rules });
  return rules;
}

/**
 * The user's own rules, with all files merged, as OpenCode itself resolves them for this folder. Null if it did not say, like a release
 * without this command.
 */
async function askUserRules(
  program: string,
  { cwd, env }: { cwd: string; env: Record<string, string> },
): Promise<UserRules | null> {
  try {
    if (!(await mayHaveRules(cwd, env))) return NO_RULES;
    const { stdout } = await exec(program, ["debug", "config"], { cwd, env, timeoutMs: TIMEOUT_MS });
    return rulesIn(stdout);
  } catch {
    return null; // A program that can't report them is started anyway, with only our rules.
  }
}

function rulesIn(output: string): UserRules | null {
  const parsed = Resolved.safeParse(parseJson(output.slice(Math.max(0, output.indexOf("{")))));
  if (!parsed.success) return null;
  const agents = Object.entries(parsed.data.agent ?? {}).map(([name, agent]) => [
    name,
    { permission: agent.permission ?? {}, isDisabled: agent.disable ?? false },
  ]);
  return { permission: parsed.data.permission ?? {}, agents: Object.fromEntries(agents) };
}

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

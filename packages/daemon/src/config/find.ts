import { createHash } from "node:crypto";
import { existsSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { InstanceId } from "@agent-orchestrator/core/model/ids";

export const CONFIG_NAMES = ["agent-orchestrator.yaml", "agent-orchestrator.yml"] as const;
export const LOCAL_CONFIG_NAME = "agent-orchestrator.local.yaml";
export const HOME_CONFIG_NAME = "config.yaml";

/** The instance that a session belongs to. */
export interface Owner {
  configPath: string;
}

export interface FindConfig {
  cwd: string;
  home: string;
  /** `--config`. */
  explicit?: string;
  env: { AO_CONFIG_PATH?: string | undefined; AO_SESSION_ID?: string | undefined };
  /** The instance whose session's checkout contains this path. */
  ownerOf(path: string): Owner | null;
  /** The instance of a session by its id. */
  ownerOfSession(sessionId: string): Owner | null;
  /** The instance whose config is in this folder. Default: by the folder's name alone. */
  idOf?(dir: string): InstanceId;
}

/** Where an instance's config is. It has not been read yet. */
export interface FoundConfig {
  instanceId: InstanceId;
  path: string;
  /** Real path of its folder. */
  dir: string;
  via: "session" | "flag" | "env" | "upward" | "home";
}

/** First 12 hex digits of SHA-256 of the folder's real path. */
export function instanceIdOf(dir: string): InstanceId {
  return hashOf(realpathSync(dir));
}

const hashOf = (text: string): InstanceId => createHash("sha256").update(text).digest("hex").slice(0, 12);

/**
 * The id of the config in a folder, among the known ones. A config that was moved keeps its id, so a known place comes first.
 * A new config at its old place gets a different id from the folder's own.
 */
export function knownIdOf(dir: string, known: readonly { id: InstanceId; configPath: string }[]): InstanceId {
  const real = realpathSync(dir);
  const usual = hashOf(real);
  const here = known.filter(({ configPath }) => dirname(configPath) === real);
  if (here.some(({ id }) => id === usual)) return usual;
  if (here[0] !== undefined) return here[0].id;
  const isTaken = (id: InstanceId) => known.some((one) => one.id === id);
  for (let n = 1; ; n += 1) {
    const id = n === 1 ? usual : hashOf(`${real}\n${n}`);
    if (!isTaken(id)) return id;
  }
}

/** Throws CONFIG if there is none. A copy of a config in a session's checkout is never an instance, so the owner's is used. */
export function findConfig(options: FindConfig): FoundConfig {
  const { cwd, env, explicit } = options;
  const bySession = env.AO_SESSION_ID ? options.ownerOfSession(env.AO_SESSION_ID) : null;
  const found = (path: string, via: FoundConfig["via"]) => foundAt(path, via, options.idOf);
  if (bySession !== null) return found(bySession.configPath, "session");
  if (explicit !== undefined) return chosen(options, explicit, "flag");
  if (env.AO_CONFIG_PATH) return chosen(options, env.AO_CONFIG_PATH, "env");
  const byFolder = options.ownerOf(realOf(cwd));
  if (byFolder !== null) return found(byFolder.configPath, "session");
  for (let dir = realOf(cwd); ; dir = dirname(dir)) {
    const path = configIn(dir);
    if (path !== null) return found(path, "upward");
    if (dir === dirname(dir)) break;
  }
  const path = join(options.home, HOME_CONFIG_NAME);
  if (existsSync(path)) return found(path, "home");
  throw new AoError("CONFIG", "no agent-orchestrator.yaml here or in a folder above", {
    hint: "Run `ao init` in your repository, or name a config with `--config`.",
  });
}

function chosen(options: FindConfig, name: string, via: "flag" | "env"): FoundConfig {
  const what = via === "flag" ? "--config" : "AO_CONFIG_PATH";
  const path = resolve(options.cwd, name);
  const file = isFolder(path) ? configIn(path) : path;
  if (file === null || !existsSync(file)) {
    throw new AoError("CONFIG", `${what}: there is no config at ${path}`, { hint: "Check the path." });
  }
  const owner = options.ownerOf(realOf(dirname(file)));
  return owner === null ? foundAt(file, via, options.idOf) : foundAt(owner.configPath, "session", options.idOf);
}

function foundAt(path: string, via: FoundConfig["via"], idOf: FindConfig["idOf"] = instanceIdOf): FoundConfig {
  try {
    const dir = realpathSync(dirname(path));
    return { instanceId: idOf(dir), dir, path: join(dir, basename(path)), via };
  } catch (cause) {
    throw new AoError("CONFIG", `the config ${path} is gone`, { hint: "Was its folder moved or removed?", cause });
  }
}

function configIn(dir: string): string | null {
  const name = CONFIG_NAMES.find((candidate) => existsSync(join(dir, candidate)));
  return name === undefined ? null : join(dir, name);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The real path, or the path itself if it does not exist (any more). */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // The working folder was removed. Going upward by name is the best we can do.
    return resolve(path);
  }
}

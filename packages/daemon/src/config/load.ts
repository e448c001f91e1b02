import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { isPluginLine, pluginPins } from "../registry/pins.ts";
import { type FoundConfig, HOME_CONFIG_NAME, LOCAL_CONFIG_NAME } from "./find.ts";
import type { ConfigWorld, InstanceConfig, Trusted, TrustView } from "./instance.ts";
import { isMap, mergeLayers } from "./layers.ts";
import { type Problem, problemsError } from "./problem.ts";
import { type ConfigFile, checkLayer, configFile, readConfigFile } from "./read.ts";
import { resolveInstance } from "./resolve.ts";
import { pinOf, trustText } from "./trust.ts";
import { isCovered } from "./trust-check.ts";

/** The files an instance is read from, whether they exist or not. */
export function filesOf(
  found: FoundConfig,
  home: string,
): { instance: string; local: string | null; user: string | null } {
  const user = join(home, HOME_CONFIG_NAME);
  const isUser = found.via === "home" || (existsSync(user) && realpathSync(user) === realpathSync(found.path));
  const local = join(found.dir, LOCAL_CONFIG_NAME);
  return {
    instance: found.path,
    local: isUser || local === found.path ? null : local,
    user: isUser ? null : user,
  };
}

interface Files {
  instance: ConfigFile;
  local: ConfigFile | null;
  /** The user's own. Null if there is none, or if it is the instance itself. */
  user: ConfigFile | null;
  isUsers: boolean;
}

/**
 * Reads an instance's config as it is now. Throws CONFIG with every problem of every file. An untrusted config is read
 * too. Then `trust.isTrusted` is false, none of its variables is filled in, and its plugins don't load.
 */
export function loadConfig(found: FoundConfig, world: ConfigWorld): InstanceConfig {
  const places = filesOf(found, world.home);
  const instance = readConfigFile(places.instance);
  if (instance === null) {
    throw new AoError("CONFIG", `the config ${places.instance} is gone`, { hint: "Was it moved or removed?" });
  }
  const local = places.local === null ? null : readConfigFile(places.local);
  const files = { instance, local, user: readUser(places.user), isUsers: places.user === null };
  const plugins = pluginPins({ ...files, ...world });
  const text = [trustText(ownOf(files)), ...plugins.lines].filter((part) => part !== "").join("\n");
  const isTrusted = isTrustedNow(files, text, world.trustedOf(found.instanceId));
  const texts = { instance: instance.text, local: local?.text ?? null };
  const trust = { isTrusted, pin: pinOf(text), text, files: texts };
  return resolve({ found, world, files, trust, pluginParts: plugins.parts });
}

/**
 * The config that the user last trusted, whatever its files contain now, together with the user's own as it is now. Null if nothing
 * is trusted or its text was not kept. Throws CONFIG if it can't be used any more.
 */
export function loadTrusted(found: FoundConfig, world: ConfigWorld): InstanceConfig | null {
  const trusted = world.trustedOf(found.instanceId);
  if (trusted === null || trusted.files === null) return null;
  const places = filesOf(found, world.home);
  const { instance, local } = trusted.files;
  const files = {
    instance: configFile(places.instance, instance),
    local: local === null || places.local === null ? null : configFile(places.local, local),
    user: readUser(places.user),
    isUsers: places.user === null,
  };
  const trust = { ...trusted, isTrusted: true, files: trusted.files };
  return resolve({ found, world, files, trust, pluginParts: [] });
}

/** In the user's own config, only plugins need trust, because they are code from somewhere else. */
function isTrustedNow(files: Files, text: string, trusted: Trusted | null): boolean {
  if (files.isUsers) return pluginLines(text) === pluginLines(trusted?.text ?? "");
  const around = { projects: projectIds(files), user: files.user === null ? "" : trustText([files.user]) };
  return trusted !== null && isCovered(trusted.text, text, around);
}

const pluginLines = (text: string): string => text.split("\n").filter(isPluginLine).join("\n");

const readUser = (path: string | null): ConfigFile | null => (path === null ? null : readConfigFile(path));

const ownOf = ({ instance, local }: Files): ConfigFile[] => [instance, ...(local === null ? [] : [local])];

interface Source {
  found: FoundConfig;
  world: ConfigWorld;
  files: Files;
  trust: TrustView;
  pluginParts: string[];
}

function resolve({ found, world, files, trust, pluginParts }: Source): InstanceConfig {
  const env = trust.isTrusted ? world.env : null;
  const check = (file: ConfigFile | null, of: typeof env) => (file === null ? null : checkLayer(file, of));
  const layers = {
    user: check(files.user, world.env),
    instance: checkLayer(files.instance, env),
    local: check(files.local, env),
  };
  if (files.instance.tree.value === undefined && layers.instance.problems.length === 0)
    throw problemsError([empty(found.path)]);
  const problems = [layers.instance, layers.local, layers.user].flatMap((layer) => layer?.problems ?? []);
  if (problems.length > 0) throw problemsError(problems);
  const resolved = resolveInstance({
    found,
    layers,
    isUsers: files.isUsers,
    config: mergeLayers(layers, world.userHome),
    trust,
    pluginParts,
    embedded: world.embedded,
  });
  if (resolved.problems.length > 0) throw problemsError(resolved.problems);
  return resolved.instance;
}

function projectIds(files: Files): string[] {
  const trees = ownOf(files).map(({ tree }) => tree.value);
  return trees.flatMap((tree) => (isMap(tree) && isMap(tree.projects) ? Object.keys(tree.projects) : []));
}

/** An editor may leave an empty file for a moment while it saves. That is not a config without projects. */
function empty(file: string): Problem {
  return { file, line: 0, column: 0, path: "", message: "the file is empty", suggestion: "run `ao init` to write one" };
}

import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { type FoundConfig, HOME_CONFIG_NAME, LOCAL_CONFIG_NAME } from "./find.ts";
import type { ConfigWorld, InstanceConfig } from "./instance.ts";
import { isMap, mergeLayers } from "./layers.ts";
import { type Problem, problemsError } from "./problem.ts";
import { type ConfigFile, checkLayer, readConfigFile } from "./read.ts";
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

/**
 * Reads an instance's config as it is now. Throws CONFIG with every problem of every file. An untrusted config is read
 * too. Then `trust.isTrusted` is false, none of its variables is filled in, and its plugins don't load.
 */
export function loadConfig(found: FoundConfig, world: ConfigWorld): InstanceConfig {
  const files = filesOf(found, world.home);
  const instance = readConfigFile(files.instance);
  if (instance === null) {
    throw new AoError("CONFIG", `the config ${files.instance} is gone`, { hint: "Was it moved or removed?" });
  }
  const local = files.local === null ? null : readConfigFile(files.local);
  const user = files.user === null ? null : readConfigFile(files.user);
  const text = trustText([instance, ...(local === null ? [] : [local])]);
  const pin = pinOf(text);
  const trusted = world.trustedOf(found.instanceId);
  const around = { projects: projectIds([instance, local]), user: user === null ? "" : trustText([user]) };
  const isTrusted = files.user === null || (trusted !== null && isCovered(trusted.text, text, around));
  const env = isTrusted ? world.env : null;
  const check = (file: ConfigFile | null, of: typeof env) => (file === null ? null : checkLayer(file, of));
  const layers = { user: check(user, world.env), instance: checkLayer(instance, env), local: check(local, env) };
  if (instance.tree.value === undefined && layers.instance.problems.length === 0)
    throw problemsError([empty(found.path)]);
  const problems = [layers.instance, layers.local, layers.user].flatMap((layer) => layer?.problems ?? []);
  if (problems.length > 0) throw problemsError(problems);
  const resolved = resolveInstance({
    found,
    layers,
    isUsers: files.user === null,
    config: mergeLayers(layers, world.userHome),
    trust: { isTrusted, pin, text },
    embedded: world.embedded,
  });
  if (resolved.problems.length > 0) throw problemsError(resolved.problems);
  return resolved.instance;
}

function projectIds(files: readonly (ConfigFile | null)[]): string[] {
  const trees = files.map((file) => file?.tree.value);
  return trees.flatMap((tree) => (isMap(tree) && isMap(tree.projects) ? Object.keys(tree.projects) : []));
}

/** An editor may leave an empty file for a moment while it saves. That is not a config without projects. */
function empty(file: string): Problem {
  return { file, line: 0, column: 0, path: "", message: "the file is empty", suggestion: "run `ao init` to write one" };
}

import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Slot } from "@agent-orchestrator/core/slots/common";
import type { PluginOrigin } from "../config/instance.ts";
import { absolutePath } from "../config/layers.ts";
import { pluginError } from "./plugin-module.ts";

/**
 * The names that an npm package with a plugin of this slot and name may have, in the order they are tried. A bare word is not
 * one: a package that happens to be called `process` or `web` must never be run for it.
 */
export function packageNames(slot: Slot, name: string): string[] {
  if (name.startsWith("@") || name.startsWith("ao-plugin-")) return [name];
  return [`@agent-orchestrator/${slot}-${name}`, `ao-plugin-${slot}-${name}`];
}

/** The folder of an npm package, searched upward from a folder as Node does. Null if it is not installed. */
export function packageFolder(name: string, from: string): string | null {
  for (let dir = from; ; dir = dirname(dir)) {
    const folder = join(dir, "node_modules", name);
    if (existsSync(join(folder, "package.json"))) return folder;
    if (dir === dirname(dir)) return null;
  }
}

/** The entry file of a package. */
export function packageEntry(folder: string, name: string): string {
  const origin = { kind: "package" as const, where: name };
  let manifest: { exports?: unknown; main?: unknown; module?: unknown };
  try {
    manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  } catch (cause) {
    throw pluginError(origin, "has a package.json that can't be read", cause);
  }
  const entry = conditional(manifest.exports) ?? manifest.module ?? manifest.main ?? "index.js";
  const file = join(folder, typeof entry === "string" ? entry : "index.js");
  const found = [file, `${file}.js`, join(file, "index.js")].find((path) =>
    statSync(path, { throwIfNoEntry: false })?.isFile(),
  );
  if (found === undefined) throw pluginError(origin, `names ${relative(folder, file)}, which does not exist`);
  return found;
}

/** What an `import` of the package itself gets from `exports`. */
function conditional(exported: unknown): string | undefined {
  if (typeof exported === "string") return exported;
  if (Array.isArray(exported)) return exported.map(conditional).find((one) => one !== undefined);
  if (typeof exported !== "object" || exported === null) return undefined;
  const map = exported as Record<string, unknown>;
  const order = "." in map ? ["."] : ["node", "import", "module-sync", "default", "require"];
  return order.map((key) => conditional(map[key])).find((one) => one !== undefined);
}

/**
 * The real path of a local plugin. A path relative to the config stays in the config's folder, even through links. One that
 * leaves it must be written out (`~/…` or absolute), so that users see in the pin what they trust.
 */
export function localPluginFile(origin: PluginOrigin & { kind: "path" }, userHome: string): string {
  const path = absolutePath(origin.path, origin.dir, userHome);
  let real: string;
  try {
    real = realpathSync(path);
    if (!statSync(real).isFile()) throw new Error("not a file");
  } catch (cause) {
    throw pluginError({ kind: "path", where: path }, "does not exist", cause);
  }
  const fromDir = relative(realpathSync(origin.dir), real);
  if (origin.isRelative && (fromDir === ".." || fromDir.startsWith(`..${sep}`))) {
    throw new AoError("PLUGIN", `the plugin ${origin.path} is outside the config's folder (${real})`, {
      hint: "Write its full path in `plugins:`, so that you see it when you trust the config.",
    });
  }
  return real;
}

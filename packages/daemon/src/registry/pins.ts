import { dirname, join } from "node:path";
import { PluginName, PluginSource } from "@agent-orchestrator/core/model/config-plugin";
import type { Slot } from "@agent-orchestrator/core/slots/common";
import type { PluginOrigin } from "../config/instance.ts";
import { fill } from "../config/interpolate.ts";
import { absolutePath, isMap, type Tree } from "../config/layers.ts";
import { originOf } from "../config/origins.ts";
import type { ConfigFile } from "../config/read.ts";
import { quoted } from "../config/trust.ts";
import type { Content } from "./content.ts";
import { packageFolder, packageNames } from "./locate.ts";
import { type Around, contentAt, placeOf } from "./place.ts";

/** The code that a config loads, for its trust text. */
export interface PluginPins {
  /** One line per plugin, with the digest of its content. */
  lines: string[];
  /** Files and folders on which the lines depend. */
  parts: string[];
}

export interface PinSources extends Around {
  instance: ConfigFile;
  local: ConfigFile | null;
  user: ConfigFile | null;
  isBuiltin(slot: Slot, name: string): boolean;
}

type Package = PluginOrigin & { kind: "package" };

const BEGIN = "content of ";

/** All plugins that the config's own files and the user's declare, and the packages that they use by name alone. */
export function pluginPins(sources: PinSources): PluginPins {
  const { instance, local, user } = sources;
  const own = [instance, local].flatMap((file) => declared(file, "config"));
  const byName = packagesByName(sources).map((name) => packageOrigin(name, instance.dir));
  const isInstalled = ({ name, dir }: Package) => packageFolder(name, dir) !== null;
  const pins = [...own, ...declared(user, "user"), ...byName.filter(isInstalled)].map((one) => pinOf(one, sources));
  const lines = [...new Set(pins.map(({ line }) => line))].sort();
  return { lines, parts: [...new Set([...pins.flatMap(({ parts }) => parts), ...byName.flatMap(placesOf)])] };
}

/** Whether a line of a trust text is about the content of a plugin. */
export const isPluginLine = (line: string): boolean => line.startsWith(BEGIN);

/** The digest of a plugin's content in a trust text. Null if the text does not have this plugin. */
export function pinnedDigest(text: string, origin: PluginOrigin): string | null {
  const begin = `${labelOf(origin)}: sha256:`;
  const line = text.split("\n").find((one) => one.startsWith(begin));
  return line?.slice(begin.length) ?? null;
}

/** A package that is found from a folder upward. */
export const packageOrigin = (name: string, dir: string): Package => ({
  kind: "package",
  name,
  dir,
  owner: "config",
});

function labelOf(origin: PluginOrigin): string {
  const whose = origin.owner === "user" ? "your own " : "";
  return `${BEGIN}${whose}${origin.kind === "path" ? quoted(origin.path) : `package ${quoted(origin.name)}`}`;
}

function declared(file: ConfigFile | null, owner: PluginOrigin["owner"]): PluginOrigin[] {
  const plugins = isMap(file?.tree.value) ? file.tree.value.plugins : undefined;
  if (file === null || !Array.isArray(plugins)) return [];
  return plugins.flatMap((one) => {
    const source = PluginSource.safeParse(one);
    return source.success ? [originOf(source.data, { dir: file.dir, owner })] : [];
  });
}

function pinOf(origin: PluginOrigin, around: PinSources): { line: string; parts: string[] } {
  const content = contentOf(origin, around);
  const places = origin.kind === "path" ? [absolutePath(origin.path, origin.dir, around.userHome)] : placesOf(origin);
  const digest = content === null ? "unknown" : `sha256:${content.digest}`;
  return { line: `${labelOf(origin)}: ${digest}`, parts: [...places, ...(content?.parts ?? [])] };
}

function contentOf(origin: PluginOrigin, around: Around): Content | null {
  try {
    return contentAt(placeOf(origin, around));
  } catch {
    return null; // Loading it says why.
  }
}

/** Where a package may be, up to where it is. */
function placesOf({ name, dir }: Package): string[] {
  const found = packageFolder(name, dir);
  const places: string[] = [];
  for (let at = dir; ; at = dirname(at)) {
    const folder = join(at, "node_modules", name);
    places.push(join(folder, "package.json"));
    if (folder === found || at === dirname(at)) return places;
  }
}

/** Packages that a slot names without any `plugins` entry. */
function packagesByName({ instance, local, user, env, isBuiltin }: PinSources): string[] {
  const trees = [instance, local, user].flatMap((file) => (isMap(file?.tree.value) ? [file.tree.value] : []));
  const names = trees.flatMap(namesIn).map(([slot, name]) => [slot, fill(name, env).text] as const);
  return names.flatMap(([slot, name]) => {
    if (!PluginName.safeParse(name).success || isBuiltin(slot, name)) return [];
    return packageNames(slot, name);
  });
}

const SLOTS = ["runtime", "agent", "workspace", "tracker", "scm", "terminal"] as const;

/** Every plugin that a config names in a slot. */
function namesIn(tree: Tree): [Slot, string][] {
  const defaults = asMap(tree.defaults);
  const slots = SLOTS.flatMap((slot) =>
    [defaults, ...mapsIn(tree.projects)].map((at): [Slot, unknown] => [slot, pluginOf(at[slot])]),
  );
  const trackers = mapsIn(tree.projects).flatMap((at) => (Array.isArray(at.trackers) ? at.trackers : []));
  const variants = mapsIn(tree.agents).map(({ plugin }): [Slot, unknown] => ["agent", plugin]);
  const entries = Object.entries(asMap(tree.notifiers));
  const channels = [defaults.notifiers, ...Object.values(asMap(tree.notificationRouting)), ...remindedOf(tree)].flat();
  const notifiers = [...entries.map(([name, entry]) => pluginOf(entry) ?? name), ...channels];
  const all = [
    ...slots,
    ...trackers.map((one): [Slot, unknown] => ["tracker", pluginOf(one)]),
    ...variants,
    ...notifiers.map((name): [Slot, unknown] => ["notifier", name]),
  ];
  return all.filter((one): one is [Slot, string] => typeof one[1] === "string");
}

const remindedOf = ({ remindAfter }: Tree): unknown[] =>
  Array.isArray(remindAfter) ? remindAfter.flatMap((level) => asMap(level).notify ?? []) : [];

const asMap = (value: unknown): Tree => (isMap(value) ? value : {});
const mapsIn = (value: unknown): Tree[] => Object.values(asMap(value)).filter(isMap);
const pluginOf = (choice: unknown): unknown => (isMap(choice) ? choice.plugin : choice);

import { isAbsolute, join, resolve } from "node:path";
import type { ConfigInput } from "@agent-orchestrator/core/model/config";
import { smallerLimits } from "./limits.ts";
import type { Layer } from "./read.ts";

export interface Layers {
  /** The user's own settings for every instance. Null if there are none, or if they are the instance itself. */
  user: Layer | null;
  instance: Layer;
  /** `agent-orchestrator.local.yaml`. */
  local: Layer | null;
}

export type Tree = Record<string, unknown>;

const SLOTS = ["runtime", "agent", "workspace", "tracker", "scm", "terminal"] as const;

/**
 * The instance's settings override the user's, and the local file overrides both. The user's win for notifications and
 * terminal. Of two limits the smaller one applies.
 */
export function mergeLayers(layers: Layers, userHome: string): ConfigInput {
  const place = (layer: Layer) => normalize(layer, userHome);
  const own = [layers.instance, layers.local].filter((layer) => layer !== null).map(place);
  const instance = own.reduce((under, over) => merge(under, over), {} as Tree);
  if (layers.user === null) return instance as ConfigInput;
  const user = place(layers.user);
  const merged = merge({ ...user, projects: sharedProjects(user, instance) }, instance) as ConfigInput;
  return userWins(user as ConfigInput, merged);
}

/** The user's own projects belong to the instance of `$AO_HOME`. Elsewhere only their settings for projects named there count. */
function sharedProjects(user: Tree, instance: Tree): Tree {
  const named = (instance.projects ?? {}) as Tree;
  const mine = (user.projects ?? {}) as Tree;
  return Object.fromEntries(Object.entries(mine).filter(([id]) => Object.hasOwn(named, id)));
}

function userWins(user: ConfigInput, merged: ConfigInput): ConfigInput {
  const terminal = user.defaults?.terminal;
  const notifiers = user.defaults?.notifiers;
  return {
    ...merged,
    prices: { ...merged.prices, ...user.prices },
    notifiers: { ...merged.notifiers, ...user.notifiers },
    notificationRouting: { ...merged.notificationRouting, ...user.notificationRouting },
    quiet: user.quiet ?? merged.quiet,
    remindAfter: user.remindAfter ?? merged.remindAfter,
    limits: smallerLimits(user.limits, merged.limits),
    defaults: {
      ...merged.defaults,
      ...(terminal === undefined ? {} : { terminal }),
      ...(notifiers === undefined ? {} : { notifiers }),
    },
    projects:
      terminal === undefined
        ? merged.projects
        : Object.fromEntries(
            Object.entries(merged.projects ?? {}).map(([id, project]) => [id, { ...project, terminal: undefined }]),
          ),
  };
}

/** Makes slots maps, and paths absolute, relative to the file that contains them. */
function normalize(layer: Layer, userHome: string): Tree {
  const { config, dir } = layer;
  const projects = Object.entries(config.projects ?? {}).map(([id, project]) => {
    const slots = SLOTS.flatMap((slot) => {
      const choice = project[slot];
      return choice === undefined ? [] : [[slot, typeof choice === "string" ? { plugin: choice } : choice]];
    });
    const paths = (["path", "worktreeDir"] as const).flatMap((key) => {
      const path = project[key];
      return path === undefined ? [] : [[key, absolutePath(path, dir, userHome)]];
    });
    return [id, { ...project, ...Object.fromEntries([...slots, ...paths]) }];
  });
  return config.projects === undefined ? { ...config } : { ...config, projects: Object.fromEntries(projects) };
}

/** `~` is the user's home folder. Anything else is relative to the folder of the file. */
export function absolutePath(path: string, dir: string, userHome: string): string {
  if (path === "~") return userHome;
  if (path.startsWith("~/")) return join(userHome, path.slice(2));
  return isAbsolute(path) ? path : resolve(dir, path);
}

export const isMap = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Two ways to say the same: the upper layer's counts. */
const RIVALS: Readonly<Record<string, string>> = { tracker: "trackers", trackers: "tracker" };

/** Merges maps key by key, and replaces everything else. Options of one plugin are never mixed into those of another. */
export function merge(under: Tree, over: Tree): Tree {
  const isOtherPlugin =
    typeof under.plugin === "string" && typeof over.plugin === "string" && under.plugin !== over.plugin;
  if (isOtherPlugin) return over;
  const merged: Tree = { ...under };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const below = merged[key];
    merged[key] = isMap(below) && isMap(value) ? merge(below, value) : value;
    const rival = RIVALS[key];
    if (rival !== undefined && over[rival] === undefined) delete merged[rival];
  }
  return merged;
}

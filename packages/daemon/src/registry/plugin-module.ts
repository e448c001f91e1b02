import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext, PluginManifest, PluginModule, Slot } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";
import { REQUIRED_METHODS, REQUIRED_TEXTS } from "./required-methods.ts";

export const SLOTS = ["runtime", "agent", "workspace", "tracker", "scm", "notifier", "terminal"] as const;

const Manifest = z.looseObject({
  name: z.string().regex(/^[A-Za-z0-9][\w.-]{0,99}$/, "must be a plain name"),
  slot: z.enum(SLOTS, `must be one of ${SLOTS.join(", ")}`),
  description: z.string(),
  version: z.string(),
  secrets: z.array(z.string().min(1), "must be a list of option names, such as `token`").optional(),
  tokenVariables: z.array(z.string().regex(/^[A-Z_][A-Z0-9_]*$/, "must be names of variables")).optional(),
});

/** A module that fits its slot, and where it came from. */
export interface LoadedPlugin {
  manifest: PluginManifest;
  module: PluginModule;
  origin: { kind: "builtin" | "package" | "path"; where: string };
  /** Only for a file. A different stamp means a different text. */
  version?: { file: string; stamp: string };
}

type Origin = LoadedPlugin["origin"];
type Loose = Record<string, unknown>;

const isObject = (value: unknown): value is Loose => typeof value === "object" && value !== null;

/** The error of every plugin that can't be used. It names the file and says what is wrong. */
export function pluginError(origin: Origin, what: string, cause?: unknown): AoError {
  return errorOf(origin, what, cause === undefined ? {} : { cause });
}

/** It loads, but cannot do what its slot needs, whatever its options. */
const unfit = (origin: Origin, what: string): AoError => errorOf(origin, what, { details: { isUnfit: true } });

function errorOf(origin: Origin, what: string, more: { cause?: unknown; details?: Record<string, unknown> }): AoError {
  return new AoError("PLUGIN", `the plugin ${origin.where} ${what}`, {
    hint: "examples/runtime-fifo shows what a plugin exports.",
    ...more,
  });
}

/** `export default { manifest, create }`, or both as named exports. Throws PLUGIN. */
export function readModule(exported: unknown, origin: Origin): LoadedPlugin {
  const candidate = candidatesOf(exported).find((one) => "manifest" in one || "create" in one);
  if (candidate === undefined) throw pluginError(origin, "exports neither `manifest` nor `create`");
  const manifest = Manifest.safeParse(candidate.manifest);
  if (!manifest.success) {
    const faults = manifest.error.issues.map((issue) => `${["manifest", ...issue.path].join(".")}: ${issue.message}`);
    throw pluginError(origin, `has no usable manifest (${faults.join("; ")})`);
  }
  const { create } = candidate;
  if (typeof create !== "function") throw pluginError(origin, "has no function `create`");
  const module: PluginModule = {
    manifest: manifest.data as PluginManifest,
    create: (config, context) => Reflect.apply(create, candidate, [config, context]) as unknown,
  };
  return { manifest: module.manifest, module, origin };
}

/** The default export first, with one more level for what a CommonJS build wraps around it. */
function candidatesOf(exported: unknown): Loose[] {
  if (!isObject(exported)) return [];
  const inner = exported.default;
  return [...(isObject(inner) && isObject(inner.default) ? [inner.default] : []), inner, exported].filter(isObject);
}

/** Checks that this plugin is one for that slot. Throws PLUGIN. */
export function checkSlot(plugin: LoadedPlugin, slot: Slot): LoadedPlugin {
  const { manifest, origin } = plugin;
  if (manifest.slot === slot) return plugin;
  throw pluginError(origin, `is for the slot ${manifest.slot}, not for ${slot}`);
}

export interface CreateInput {
  /** With variables filled in. */
  options: Record<string, unknown>;
  context: PluginContext;
}

/** Creates an instance and checks that it can do what its slot needs. Throws PLUGIN, or the plugin's own AoError. */
export async function createInstance<T>(plugin: LoadedPlugin, { options, context }: CreateInput): Promise<T> {
  const { manifest, module, origin } = plugin;
  let instance: unknown;
  try {
    instance = await module.create(options, context);
  } catch (cause) {
    // The plugin itself reports invalid options best.
    if (isAoError(cause)) throw cause;
    throw pluginError(origin, `failed in \`create\`: ${messageOf(cause)}`, cause);
  }
  if (!isObject(instance)) throw unfit(origin, "returns nothing from `create`");
  const has = (name: string, kind: string) => typeof (instance as Loose)[name] === kind;
  const missing = [
    ...(REQUIRED_TEXTS[manifest.slot] ?? []).filter((name) => !has(name, "string")),
    ...REQUIRED_METHODS[manifest.slot].filter((name) => !has(name, "function")).map((name) => `${name}()`),
  ];
  if (missing.length > 0) throw unfit(origin, `lacks ${missing.join(", ")}, which the slot ${manifest.slot} requires`);
  return instance as T;
}

/** One line of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return (text.split("\n").find((line) => line.trim() !== "") ?? "unknown").slice(0, 300);
}

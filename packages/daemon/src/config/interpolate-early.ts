import { ConfigInput } from "@agent-orchestrator/core/model/config";
import { type Env, fill, hasPlaceholder, mapText, timingOf } from "./interpolate.ts";
import { schemasAt } from "./schema-keys.ts";
import type { Path } from "./yaml-tree.ts";

export interface Unset {
  path: Path;
  /** Null if variables are not read, because the config is not trusted. */
  variable: string | null;
}

/**
 * Fills in the variables in what must be known to read the config at all (paths, names, numbers). What can't be filled
 * in is left out and reported, so that only what uses it fails. With `env` null, the config is not trusted and nothing is filled in.
 */
export function interpolateEarly(tree: unknown, env: Env | null): { tree: unknown; unset: Unset[] } {
  const unset: Unset[] = [];
  const filled = mapText(tree, [], (text, path) => {
    if (timingOf(path) !== "early" || !hasPlaceholder(text)) return text;
    if (env === null) {
      unset.push({ path, variable: null });
      return undefined;
    }
    const result = fill(text, env);
    for (const variable of result.missing) unset.push({ path, variable });
    return result.missing.length > 0 ? undefined : asKind(result.text, path);
  });
  return { tree: unset.length === 0 ? filled : withoutHoles(filled), unset };
}

/** `port: ${PORT}` is a number once it is filled in. */
function asKind(text: string, path: Path): unknown {
  const kinds = new Set(schemasAt(ConfigInput, path).map((schema) => schema.def.type));
  if (kinds.has("string")) return text;
  if (kinds.has("number") && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (kinds.has("boolean") && /^(?:true|false)$/.test(text)) return text === "true";
  return text;
}

function withoutHoles(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => item !== undefined).map(withoutHoles);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutHoles(item)]));
}

import { isDeepStrictEqual } from "node:util";
import { classOf, type Tightens } from "./trust-keys.ts";

/** What is around two versions of a config. */
export interface Surroundings {
  /** Ids of the projects of the new version. */
  projects: readonly string[];
  /** The trust text of the user's own config, which counts where an instance sets nothing. */
  user: string;
}

type Values = ReadonlyMap<string, unknown>;

interface Lines {
  /** Values of the keys that may become stricter, by key. */
  values: Values;
  /** All other lines. */
  fixed: ReadonlySet<string>;
}

/** Whether the trust in one text covers another: nothing differs except keys that have become stricter. */
export function isCovered(trusted: string, now: string, { projects, user }: Surroundings): boolean {
  const [before, after] = [linesOf(trusted), linesOf(now)];
  if (before.fixed.size !== after.fixed.size || [...after.fixed].some((line) => !before.fixed.has(line))) return false;
  const own = new Map([...linesOf(user).values].filter(([key]) => !key.startsWith("limits.")));
  const keys = new Set([...before.values.keys(), ...after.values.keys()].flatMap((key) => inProjects(key, projects)));
  return [...keys].every((key) => {
    const tightens = classOf(key.split("."));
    if (typeof tightens === "string") return false;
    const [was, is] = [before, after].map(({ values }) => effective(key, [values, own], tightens));
    return isDeepStrictEqual(was, is) || tightens.isAsStrict(is, was);
  });
}

function linesOf(text: string): Lines {
  const values = new Map<string, unknown>();
  const fixed = new Set<string>();
  for (const line of text.split("\n").filter((one) => one !== "")) {
    // A key in quotes is never one that may become stricter.
    const [, key = "", value = ""] = /^([\w.-]+): (.*)$/.exec(line) ?? [];
    if (key === "" || typeof classOf(key.split(".")) === "string") fixed.add(line);
    else values.set(key, JSON.parse(value) as unknown);
  }
  return { values, fixed };
}

/** Keys that a project takes from the whole config. What counts for them is what each project gets. */
const isInherited = (key: string): boolean => key.startsWith("reactions.") || key.startsWith("ci.");

function inProjects(key: string, projects: readonly string[]): string[] {
  if (!isInherited(key) || projects.length === 0) return [key];
  return projects.map((id) => `projects.${id}.${key}`);
}

/** The value that counts: the key's own, else that of the whole config, else the default. */
function effective(key: string, layers: readonly Values[], tightens: Tightens): unknown {
  const shared = /^projects\.[^.]+\.(.+)$/.exec(key)?.[1] ?? "";
  const found = (isInherited(shared) ? [key, shared] : [key]).flatMap((name) =>
    layers.filter((values) => values.has(name)).map((values) => values.get(name)),
  );
  return found.length > 0 ? found[0] : tightens.absent(key.split("."));
}

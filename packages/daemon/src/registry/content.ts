import { createHash } from "node:crypto";
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { statOf } from "../config/stamp.ts";
import { pluginError } from "./plugin-module.ts";

/** What a plugin's code is at one moment. */
export interface Content {
  /** SHA-256 over the names and texts of all its files. */
  digest: string;
  /** Files and folders on which the digest depends, whether they exist or not. */
  parts: string[];
}

const MAX_FILES = 2000;
const MAX_BYTES = 32 * 1024 * 1024;

/** Collects files of one plugin, up to the limits. */
class Collection {
  readonly #root: string;
  readonly #kind: "path" | "package";
  readonly #digests = new Map<string, string>();
  readonly #parts = new Set<string>();
  #bytes = 0;

  constructor(root: string, kind: "path" | "package") {
    this.#root = root;
    this.#kind = kind;
  }

  /** Adds a file under the name that it has in the digest. Returns its text if it is new. Null if it is known, or not a file. */
  add(path: string, name = path): string | null {
    this.depend(path);
    const stat = statOf(path);
    if (stat === undefined || !stat.isFile() || this.#digests.has(name)) return null;
    this.#bytes += Number(stat.size);
    if (this.#digests.size >= MAX_FILES || this.#bytes > MAX_BYTES) {
      const most = `${MAX_FILES} files or ${MAX_BYTES / 1024 / 1024} MiB`;
      throw pluginError({ kind: this.#kind, where: this.#root }, `is too large to be trusted: more than ${most}`);
    }
    const bytes = readFileSync(path);
    this.#digests.set(name, createHash("sha256").update(bytes).digest("hex"));
    return bytes.toString("utf8");
  }

  depend(path: string): void {
    this.#parts.add(path);
  }

  result(from: string): Content {
    const files = [...this.#digests].map(([name, digest]) => [relative(from, name), digest]);
    const digest = createHash("sha256").update(JSON.stringify(files.sort())).digest("hex");
    return { digest, parts: [...this.#parts] };
  }
}

/** Returns the content of a package: all files of its folder, without packages nested in it. Throws PLUGIN if they are too many. */
export function contentOfPackage(folder: string): Content {
  const collection = new Collection(folder, "package");
  const seen = new Set<string>();
  const walk = (dir: string): void => {
    const real = realpathSync(dir);
    collection.depend(dir);
    if (seen.has(real)) return; // A link to a folder above.
    seen.add(real);
    for (const name of readdirSync(dir).sort()) {
      const path = join(dir, name);
      const stat = statOf(path);
      if (stat?.isDirectory() !== true) collection.add(path);
      else if (name !== "node_modules" && name !== ".git") walk(path);
    }
  };
  walk(folder);
  return collection.result(folder);
}

/** What can stand between an import and its path: a bracket, and comments. */
const IMPORT =
  /\b(?:from|import|require|require\.resolve)\b\s*\(?\s*(?:\/\*[^*]*\*\/\s*)*(["'`])(\.{1,2}(?:\/[^"'`\n]*)?|\/[^"'`\n]+|file:[^"'`\n]+)\1/g;
const EXTENSIONS = ["", ".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx", ".json", ".node"];
const SOURCE = /\.[cm]?[jt]sx?$/;

/** Returns the content of a local plugin: its file, and all that it imports by a relative path. Throws PLUGIN if that is too much. */
export function contentOfFile(file: string): Content {
  const collection = new Collection(file, "path");
  const waiting = [file];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const real = realOf(path);
    const text = collection.add(path, real);
    if (text === null || !SOURCE.test(real)) continue;
    for (const [, , specifier = ""] of text.matchAll(IMPORT)) waiting.push(...candidates(specifier, dirname(real)));
  }
  return collection.result(dirname(file));
}

/** Every file that an import may mean. One that is added later may come before the one that is meant now, so all count. */
function candidates(specifier: string, from: string): string[] {
  const bare = specifier.replace(/^file:(?:\/\/)?/, "").replace(/[?#].*$/, "");
  const path = resolve(from, bare);
  const typed = /\.[cm]?jsx?$/.test(path) ? [path.replace(/js(x?)$/, "ts$1")] : [];
  const beside = EXTENSIONS.flatMap((extension) => [path + extension, join(path, `index${extension}`)]);
  return [...new Set([...typed, ...beside, join(path, "package.json"), ...mainOf(path)])];
}

/** An import of a folder may lead to what its package.json names. */
function mainOf(folder: string): string[] {
  const manifest = join(folder, "package.json");
  if (statOf(manifest)?.isFile() !== true) return [];
  try {
    const { main } = JSON.parse(readFileSync(manifest, "utf8")) as { main?: unknown };
    if (typeof main !== "string") return [];
    const path = resolve(folder, main);
    return EXTENSIONS.flatMap((extension) => [path + extension, join(path, `index${extension}`)]);
  } catch {
    return []; // Then it can't be imported.
  }
}

/** Imports are relative to where a file really is. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // There is none yet.
  }
}

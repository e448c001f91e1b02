import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The first that is there: beside the bundle, then the source's own build. */
const PLACES = ["./web", "../../../web/dist", "../../web/dist"];

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
};
/** The names that the build gives to what never changes. */
const HASHED = /[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;
const ENCODINGS = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

export interface PageFile {
  type: string;
  isHashed: boolean;
  /** `accepts`: the request's `Accept-Encoding`. */
  read(accepts: string): { bytes: Buffer; encoding: string | null };
}

export interface PageFiles {
  find(path: string): PageFile | null;
  /** Where the app is, or null if it was not built. */
  dir: string | null;
}

export function findPageDir(): string | null {
  const places = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return places.find((place) => existsSync(join(place, "index.html"))) ?? null;
}

/** The files of the app, by their path on the door. Only what is in the folder can be asked for. Looks again when the app was built anew. */
export function createPageFiles(dirOf: () => string | null = findPageDir): PageFiles {
  let listed: { dir: string; names: ReadonlySet<string>; page: string } | null = null;
  const look = () => {
    const dir = dirOf();
    if (dir === null) return null;
    const page = readFileSync(join(dir, "index.html"), "utf8");
    if (listed?.dir === dir && listed.page === page) return listed;
    listed = { dir, names: namesIn(dir), page };
    return listed;
  };
  return {
    get dir() {
      return dirOf();
    },
    find(path) {
      const found = look();
      if (found === null || !found.names.has(path) || /\.(br|gz)$/.test(path)) return null;
      const file = join(found.dir, ...path.split("/"));
      return {
        type: TYPES[extname(path)] ?? "application/octet-stream",
        isHashed: path.startsWith("/assets/") && HASHED.test(path),
        read(accepts) {
          const encoding = ENCODINGS.find(
            ([name, end]) => new RegExp(`\\b${name}\\b`).test(accepts) && found.names.has(`${path}${end}`),
          );
          return { bytes: readFileSync(`${file}${encoding?.[1] ?? ""}`), encoding: encoding?.[0] ?? null };
        },
      };
    },
  };
}

function namesIn(dir: string): ReadonlySet<string> {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Set(
    entries.map(({ parentPath, name }) => `/${relative(dir, join(parentPath, name)).split(sep).join("/")}`),
  );
}

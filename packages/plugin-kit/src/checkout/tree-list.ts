/**
 * Everything in a checkout, one entry each. Names are bytes that need not be UTF-8: they are handled as `latin1` strings,
 * one character per byte.
 */
export interface TreeEntry {
  /** `same`: as in the index. `file`, `link`: kept beside this list. `dir`: a folder. */
  kind: "same" | "file" | "link" | "dir";
  /** Permission bits. */
  mode: number;
  mtimeMs: number;
  path: string;
}

const LETTERS = { same: "=", file: "f", link: "l", dir: "d" } as const;

export function formatTree(entries: readonly TreeEntry[]): Buffer {
  const lines = entries.map(
    ({ kind, mode, mtimeMs, path }) => `${LETTERS[kind]} ${mode.toString(8)} ${Math.floor(mtimeMs)} ${path}\0`,
  );
  return Buffer.from(lines.join(""), "latin1");
}

export function parseTree(bytes: Buffer): TreeEntry[] {
  return bytes
    .toString("latin1")
    .split("\0")
    .filter((line) => line !== "")
    .map((line) => {
      const match = /^([=fld]) ([0-7]+) (\d+) (.+)$/s.exec(line);
      const kind = (Object.keys(LETTERS) as TreeEntry["kind"][]).find((name) => LETTERS[name] === match?.[1]);
      const [, , mode = "", mtime = "", path = ""] = match ?? [];
      if (kind === undefined || !isPlainPath(path))
        throw new Error(`not an entry of a kept tree: ${line.slice(0, 80)}`);
      return { kind, mode: Number.parseInt(mode, 8), mtimeMs: Number(mtime), path };
    });
}

/** Kept work is written back by these names: none may lead elsewhere. */
const isPlainPath = (path: string): boolean =>
  !path.startsWith("/") && path.split("/").every((part) => part !== "" && part !== "." && part !== "..");

/** A path of bytes below a folder. */
export const bytePath = (root: string, path: string): Buffer =>
  path === "" ? Buffer.from(root) : Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, "latin1")]);

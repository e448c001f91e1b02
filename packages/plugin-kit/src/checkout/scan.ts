import { createHash } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { isClosed, makeReadable, type Opened } from "../files/readable.ts";
import type { View } from "../git/view.ts";
import { eachOf } from "./each-of.ts";
import { REGENERABLE } from "./regenerable.ts";
import { bytePath, type TreeEntry } from "./tree-list.ts";

export interface Scan {
  entries: TreeEntry[];
  /** Bytes that have to be kept beside the list. */
  bytes: number;
  /** Ignored folders that are made again by a build or an install. */
  skipped: string[];
  /** Pipes, sockets and devices: they hold nothing. */
  left: string[];
  /** Files and folders of others that may not be read. */
  unreadable: string[];
}

interface Tracked {
  mode: string;
  oid: string;
}

interface Found {
  path: string;
  stat: Stats;
}

const AT_ONCE = 16;
/** Files up to this size are read at once. */
const WHOLE_BYTES = 1024 * 1024;

/**
 * All of a checkout, and which files the index already has, byte for byte. `view` must be a raw one. What the user's own
 * permissions close is opened, and put into `opened`.
 */
export async function scanCheckout(view: View, root: string, opened: Opened[]): Promise<Scan> {
  const [tracked, ignored] = await Promise.all([trackedFiles(view), ignoredFolders(view)]);
  const scan: Scan = { entries: [], bytes: 0, skipped: [], left: [], unreadable: [] };
  const found: Found[] = [];
  await walk({ root, scan, ignored, found, opened }, { path: "", isIgnored: false });
  const entries = await eachOf(found, AT_ONCE, (file) => judge(root, file, tracked.get(file.path)));
  for (const entry of entries) {
    scan.entries.push(entry.entry);
    scan.bytes += entry.bytes;
  }
  return scan;
}

/** Every file of the index in its one agreed version. Those outside a sparse checkout count as unknown: their files are kept. */
async function trackedFiles(view: View): Promise<Map<string, Tracked>> {
  const { stdout } = await view.run(["ls-files", "-t", "--stage", "-z"], { encoding: "latin1", timeoutMs: 60_000 });
  const tracked = new Map<string, Tracked>();
  for (const line of stdout.split("\0")) {
    const match = /^H (\d+) ([0-9a-f]+) 0\t(.+)$/s.exec(line);
    if (match?.[3] !== undefined) tracked.set(match[3], { mode: match[1] ?? "", oid: match[2] ?? "" });
  }
  return tracked;
}

async function ignoredFolders(view: View): Promise<Set<string>> {
  const args = ["ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z"];
  const { stdout } = await view.run(args, { encoding: "latin1", timeoutMs: 120_000 });
  return new Set(stdout.split("\0").flatMap((path) => (path.endsWith("/") ? [path.slice(0, -1)] : [])));
}

interface Walk {
  root: string;
  scan: Scan;
  ignored: Set<string>;
  found: Found[];
  opened: Opened[];
}

async function walk(state: Walk, { path, isIgnored }: { path: string; isIgnored: boolean }): Promise<void> {
  for (const name of await readdir(bytePath(state.root, path), { encoding: "buffer" })) {
    const part = name.toString("latin1");
    if (path === "" && part === ".git") continue;
    const child = path === "" ? part : `${path}/${part}`;
    try {
      await visit(state, { path: child, part, isIgnored });
    } catch (error) {
      if (!isClosed(error)) throw error;
      state.scan.unreadable.push(child);
    }
  }
}

interface Visit {
  path: string;
  /** The last part of it. */
  part: string;
  isIgnored: boolean;
}

async function visit(state: Walk, { path, part, isIgnored }: Visit): Promise<void> {
  const { scan, found, root, opened } = state;
  const stat = await lstat(bytePath(root, path));
  const isChildIgnored = isIgnored || state.ignored.has(path);
  if (stat.isDirectory() && isChildIgnored && REGENERABLE.has(part)) {
    scan.skipped.push(path);
  } else if (stat.isSymbolicLink()) {
    found.push({ path, stat });
  } else if (!stat.isFile() && !stat.isDirectory()) {
    scan.left.push(path);
  } else if (!(await makeReadable(bytePath(root, path), stat, opened))) {
    scan.unreadable.push(path);
  } else if (stat.isFile()) {
    found.push({ path, stat });
  } else {
    scan.entries.push({ kind: "dir", mode: stat.mode & 0o7777, mtimeMs: stat.mtimeMs, path });
    await walk(state, { path, isIgnored: isChildIgnored });
  }
}

async function judge(root: string, { path, stat }: Found, tracked: Tracked | undefined) {
  const common = { mode: stat.mode & 0o7777, mtimeMs: stat.mtimeMs, path };
  const isLink = stat.isSymbolicLink();
  const isSameKind = tracked !== undefined && (tracked.mode === "120000") === isLink && tracked.mode !== "160000";
  if (isSameKind && (await blobId(bytePath(root, path), stat, tracked.oid.length)) === tracked.oid) {
    return { entry: { kind: "same" as const, ...common }, bytes: 0 };
  }
  return { entry: { kind: isLink ? ("link" as const) : ("file" as const), ...common }, bytes: stat.size };
}

/** The id git would give these bytes, unfiltered. */
async function blobId(path: Buffer, stat: Stats, idLength: number): Promise<string> {
  const hash = createHash(idLength === 64 ? "sha256" : "sha1");
  const target = stat.isSymbolicLink() ? await readlink(path, { encoding: "buffer" }) : null;
  hash.update(`blob ${target?.length ?? stat.size}\0`);
  if (target !== null) return hash.update(target).digest("hex");
  if (stat.size <= WHOLE_BYTES) return hash.update(await readFile(path)).digest("hex");
  await pipeline(createReadStream(path), async (chunks) => {
    for await (const chunk of chunks) hash.update(chunk as Buffer);
  });
  return hash.digest("hex");
}

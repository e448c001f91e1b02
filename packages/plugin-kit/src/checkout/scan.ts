import { createHash } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { readFile, readlink } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { Opened } from "../files/readable.ts";
import type { View } from "../git/view.ts";
import { diskBytes, hasTurned } from "./copy-tree.ts";
import { eachOf } from "./each-of.ts";
import { REGENERABLE } from "./regenerable.ts";
import { bytePath, type TreeEntry } from "./tree-list.ts";
import { type Found, type Walked, walkCheckout } from "./walk.ts";

export interface Scan extends Walked {
  entries: TreeEntry[];
  /** Bytes that have to be kept beside the list. */
  bytes: number;
}

interface Tracked {
  mode: string;
  oid: string;
}

export interface ScanRequest {
  root: string;
  /** What git ignores as the checkout's own `.git`, and is not kept with the files. */
  isOwnGit: boolean;
  /** What the user's own permissions close is opened, and put into this list. */
  opened: Opened[];
}

const AT_ONCE = 16;
/** Files up to this size are read at once. */
const WHOLE_BYTES = 1024 * 1024;

/** All of a checkout, and which files the index already has, byte for byte. `view` must be a raw one. */
export async function scanCheckout(view: View, { root, isOwnGit, opened }: ScanRequest): Promise<Scan> {
  const [tracked, ignored] = await Promise.all([trackedFiles(view), ignoredFolders(view)]);
  const walked = await walkCheckout({
    root,
    isOwnGit,
    opened,
    isIgnored: (path) => ignored.has(path),
    isRegenerable: ({ part, isIgnored }) => isIgnored && REGENERABLE.has(part),
  });
  const scan: Scan = { ...walked, entries: walked.folders.map(folderEntry), bytes: 0 };
  const judged = await eachOf(walked.found, AT_ONCE, (file) =>
    judge(root, file, tracked.get(file.path)).catch((error: unknown) => {
      if (hasTurned(error)) return null;
      throw error;
    }),
  );
  for (const one of judged) {
    if (one === null) continue;
    scan.entries.push(one.entry);
    scan.bytes += one.bytes;
  }
  return scan;
}

const folderEntry = ({ path, stat }: Found): TreeEntry => ({
  kind: "dir",
  mode: stat.mode & 0o7777,
  mtimeMs: stat.mtimeMs,
  path,
});

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

async function judge(root: string, { path, stat }: Found, tracked: Tracked | undefined) {
  const common = { mode: stat.mode & 0o7777, mtimeMs: stat.mtimeMs, path };
  const isLink = stat.isSymbolicLink();
  const isSameKind = tracked !== undefined && (tracked.mode === "120000") === isLink && tracked.mode !== "160000";
  if (isSameKind && (await blobId(bytePath(root, path), stat, tracked.oid.length)) === tracked.oid) {
    return { entry: { kind: "same" as const, ...common }, bytes: 0 };
  }
  return { entry: { kind: isLink ? ("link" as const) : ("file" as const), ...common }, bytes: diskBytes(stat) };
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

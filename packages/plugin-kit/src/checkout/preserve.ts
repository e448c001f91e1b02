import { copyFile, lstat, mkdir, stat, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { throughAsync, throughFolder } from "@agent-orchestrator/core/host/guarded";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PreservedWork } from "@agent-orchestrator/core/slots/workspace";
import { listFolder, makeFolder, moveOwn } from "../files/folders.ts";
import { closeAgain, type Opened } from "../files/readable.ts";
import { removeTree } from "../files/remove-tree.ts";
import { syncDir, writeDurable } from "../files/write-durable.ts";
import type { Head } from "../git/refs.ts";
import { type Checkout, type View, withView } from "../git/view.ts";
import { copyEntries, copyFolder, diskBytes, listTree, syncFile } from "./copy-tree.ts";
import { eachOf } from "./each-of.ts";
import { explainFailure } from "./failures.ts";
import type { CheckoutHost } from "./host.ts";
import { isThere } from "./inside.ts";
import { KEPT, type Manifest, readManifest } from "./kept.ts";
import { packObjects } from "./kept-objects.ts";
import { listed, notKept, readable } from "./not-kept.ts";
import { type Scan, scanCheckout } from "./scan.ts";
import { LEAVE_OUT, seenOf, writeSeen } from "./seen.ts";
import { bytePath, formatTree, type TreeEntry } from "./tree-list.ts";
import { saveXattrs, withXattrs } from "./xattrs.ts";

export interface PreserveRequest {
  workspace: string;
  checkout: Checkout;
  /** Where the checkout was made, if it was moved aside since. */
  madeAt: string;
  sessionId: string | null;
  head: Head;
  /** Commits the repository surely keeps; the pack leaves out what they hold. */
  bases: readonly string[];
  into: string;
  /** Continue without what cannot be read. */
  dropUnreadable: boolean;
  /** See own-git.ts. */
  isOwnGit: boolean;
  /** The checkout's git folder is gone, and is the one in `into`. So only the files are copied again. */
  isGitKept?: boolean;
}

/** Room that stays free for everybody else, and for what cannot be counted before (the pack). */
const SPARE_BYTES = 64 * 1024 * 1024;
const AT_ONCE = 16;

/** Saves all work of a checkout, or nothing: a folder without a manifest is incomplete and is created again. */
export async function preserveCheckout(host: CheckoutHost, request: PreserveRequest): Promise<PreservedWork> {
  const { into } = request;
  const half = `${into}.half`;
  const opened: Opened[] = [];
  try {
    await removeTree(half);
    await makeFolder(half);
    // Everything is written into the folder that was made just now, whatever its name leads to meanwhile.
    const manifest = await throughFolder(half, (held) =>
      withView(host, { ...request.checkout, raw: true }, async (view) => {
        const kept = await keep(view, request, { host, half: held, opened });
        await writeDurable(join(held, KEPT.manifest), `${JSON.stringify(kept, null, 2)}\n`);
        return kept;
      }),
    );
    await replaceKept(into, half);
    return { path: into, bytes: manifest.bytes, unreadable: manifest.unreadable ?? [], notes: notKept(manifest) };
  } catch (error) {
    await removeTree(half);
    throw explainFailure(error);
  } finally {
    await closeAgain(opened);
  }
}

interface Keeping {
  host: CheckoutHost;
  half: string;
  opened: Opened[];
}

async function keep(view: View, request: PreserveRequest, { host, half, opened }: Keeping): Promise<Manifest> {
  const { checkout, head, bases, into, isOwnGit } = request;
  // Its name may be that of a descriptor.
  const sinceMs = (await stat(half)).ctimeMs;
  const scan = await scanCheckout(view, { root: checkout.path, isOwnGit, opened });
  if (scan.unreadable.length > 0 && !request.dropUnreadable) throw unreadableError(request, scan.unreadable);
  const place = { path: checkout.path, gitDir: request.isGitKept === true ? null : checkout.gitDir, isOwnGit };
  await writeSeen(half, await seenOf(place, scan, { sinceMs, opened }));
  const gitFiles = await listTree(Buffer.from(checkout.gitDir), LEAVE_OUT);
  const gitBytes = gitFiles.reduce((sum, { stat }) => sum + (stat.isDirectory() ? 0 : diskBytes(stat)), 0);
  await requireRoom(dirname(into), scan.bytes + gitBytes);
  const gitCopy = join(half, KEPT.git);
  const from = Buffer.from(checkout.gitDir);
  await copyFolder({ from, to: Buffer.from(gitCopy), ...LEAVE_OUT, isDurable: true, mayChange: true });
  const entries = await copyFiles(checkout.path, join(half, KEPT.files), scan);
  await writeDurable(join(half, KEPT.tree), formatTree(entries));
  const xattrs = await keepXattrs(host, { root: checkout.path, entries, archive: join(half, KEPT.attributes) });
  const pack = join(half, KEPT.pack);
  if (request.isGitKept === true) await copyFile(join(into, KEPT.pack), pack);
  else await packObjects(view, { gitCopy, pack, bases });
  return {
    format: 1,
    workspace: request.workspace,
    sessionId: request.sessionId,
    path: request.madeAt,
    branch: head.branch,
    headSha: head.sha,
    bases: [...bases],
    gitName: request.isGitKept === true ? await keptGitName(into) : basename(checkout.gitDir),
    bytes: scan.bytes + gitBytes + (await lstat(pack)).size,
    skipped: scan.skipped.map(readable),
    left: scan.left.map(readable),
    unreadable: scan.unreadable.map(readable),
    xattrs,
  };
}

const keptGitName = async (kept: string): Promise<string> => (await readManifest(kept))?.gitName ?? KEPT.git;

async function keepXattrs(
  host: CheckoutHost,
  { root, entries, archive }: { root: string; entries: readonly TreeEntry[]; archive: string },
): Promise<string[] | null> {
  const paths = entries.filter(({ kind }) => kind !== "link").map(({ path }) => path);
  const found = await withXattrs(host, root, paths);
  if (found === null || found.length === 0) return found;
  await saveXattrs(host, { root, paths: found, archive });
  await syncFile(archive);
  return found;
}

/** Puts new kept work in the place of an older one. What was saved late stays with it. A crash leaves the old or the new one. */
async function replaceKept(into: string, half: string): Promise<void> {
  const old = `${into}.old`;
  if (await isThere(into)) {
    await removeTree(old);
    for (const name of await listFolder(into)) {
      if (name.startsWith(KEPT.late)) await moveOwn(join(into, name), join(half, name));
    }
    await moveOwn(into, old);
  }
  await moveOwn(half, into);
  await throughAsync(into, (at) => syncDir(dirname(at)));
  await removeTree(old);
}

function unreadableError({ sessionId, checkout }: PreserveRequest, paths: readonly string[]): AoError {
  const named = listed(paths.map(readable));
  return new AoError("REFUSED", `${named} in ${checkout.path} cannot be read, so it cannot be saved`, {
    hint: `Make it readable (\`sudo chown -R "$USER"\`), or continue without it: \`ao kill ${sessionId ?? "SESSION"} --rm --drop-unreadable\`.`,
    details: { unreadable: paths.map(readable) },
  });
}

/** Returns the entries that are there still. */
async function copyFiles(root: string, files: string, scan: Scan): Promise<TreeEntry[]> {
  await mkdir(files, { mode: 0o700 });
  const isKept = (entry: TreeEntry) => entry.kind === "file" || entry.kind === "link";
  const kept = scan.entries.filter(isKept);
  const folders = new Set<string>();
  for (const { path } of kept) {
    for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) folders.add(path.slice(0, at));
  }
  for (const folder of folders) await mkdir(bytePath(files, folder), { mode: 0o700 });
  const gone = new Set<string>();
  const copies = await eachOf(kept, AT_ONCE, async ({ path, mode }) => {
    const from = bytePath(root, path);
    const stat = await lstat(from).catch(() => null);
    if (stat === null) gone.add(path);
    // The list has the real permissions; the copy must be readable to be brought back.
    return { from, to: bytePath(files, path), stat, mode: mode | 0o600, path };
  });
  const there = copies.flatMap((copy) => (copy.stat === null ? [] : [{ ...copy, stat: copy.stat }]));
  await copyEntries(there, { isDurable: true, onGone: ({ path }) => void gone.add(path) });
  await eachOf([...folders], AT_ONCE, (folder) => syncDir(bytePath(files, folder)));
  await syncDir(files);
  return scan.entries.filter(({ path }) => !gone.has(path));
}

async function requireRoom(dir: string, bytes: number): Promise<void> {
  const disk = await statfs(dir);
  const free = disk.bavail * disk.bsize;
  if (free > bytes + SPARE_BYTES) return;
  const mib = (count: number) => `${Math.ceil(count / 1024 / 1024)} MiB`;
  throw new AoError("NO_SPACE", `${mib(bytes)} of work must be saved, but ${dir} has room only for ${mib(free)}`, {
    hint: "Free some disk space. Nothing was removed.",
  });
}

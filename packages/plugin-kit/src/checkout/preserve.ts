import { lstat, mkdir, rename, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { throughAsync, throughFolder } from "@agent-orchestrator/core/host/guarded";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PreservedWork } from "@agent-orchestrator/core/slots/workspace";
import { makeFolder } from "../files/folders.ts";
import { closeAgain, type Opened } from "../files/readable.ts";
import { removeTree } from "../files/remove-tree.ts";
import { syncDir, writeDurable } from "../files/write-durable.ts";
import type { Head } from "../git/refs.ts";
import { type Checkout, type View, withView } from "../git/view.ts";
import { copyEntries, copyFolder, folderBytes } from "./copy-tree.ts";
import { eachOf } from "./each-of.ts";
import { explainFailure } from "./failures.ts";
import type { CheckoutHost } from "./host.ts";
import { isThere } from "./inside.ts";
import { KEPT, type Manifest } from "./kept.ts";
import { packObjects } from "./kept-objects.ts";
import { type Scan, scanCheckout } from "./scan.ts";
import { bytePath, formatTree, type TreeEntry } from "./tree-list.ts";

export interface PreserveRequest {
  workspace: string;
  checkout: Checkout;
  sessionId: string | null;
  head: Head;
  /** Commits the repository surely keeps; the pack leaves out what they hold. */
  bases: readonly string[];
  into: string;
  /** Continue without what cannot be read. */
  dropUnreadable: boolean;
}

/** Room that stays free for everybody else, and for what cannot be counted before (the pack). */
const SPARE_BYTES = 64 * 1024 * 1024;
const AT_ONCE = 16;
/** Entries of a git folder that are no work: locks of dead programs, and a clone's objects, which are packed instead. */
const LEAVE_OUT = { names: ["objects", "locked", "commondir", "gitdir"], suffixes: [".lock"] };

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
        const kept = await keep(view, request, { half: held, opened });
        await writeDurable(join(held, KEPT.manifest), `${JSON.stringify(kept, null, 2)}\n`);
        return kept;
      }),
    );
    if (await isThere(into)) await removeTree(into);
    await throughAsync(into, async (at) => {
      await throughAsync(half, (from) => rename(from, at));
      await syncDir(dirname(at));
    });
    return { path: into, bytes: manifest.bytes, unreadable: manifest.unreadable ?? [] };
  } catch (error) {
    await removeTree(half);
    throw explainFailure(error);
  } finally {
    await closeAgain(opened);
  }
}

interface Keeping {
  half: string;
  opened: Opened[];
}

async function keep(view: View, request: PreserveRequest, { half, opened }: Keeping): Promise<Manifest> {
  const { checkout, head, bases } = request;
  const scan = await scanCheckout(view, checkout.path, opened);
  if (scan.unreadable.length > 0 && !request.dropUnreadable) throw unreadableError(request, scan.unreadable);
  const gitBytes = await folderBytes(Buffer.from(checkout.gitDir), LEAVE_OUT.names);
  await requireRoom(dirname(request.into), scan.bytes + gitBytes);
  const gitCopy = join(half, KEPT.git);
  await copyFolder({ from: Buffer.from(checkout.gitDir), to: Buffer.from(gitCopy), ...LEAVE_OUT, isDurable: true });
  await copyFiles(checkout.path, join(half, KEPT.files), scan);
  await writeDurable(join(half, KEPT.tree), formatTree(scan.entries));
  const pack = join(half, KEPT.pack);
  await packObjects(view, { gitCopy, pack, bases });
  return {
    format: 1,
    workspace: request.workspace,
    sessionId: request.sessionId,
    path: checkout.path,
    branch: head.branch,
    headSha: head.sha,
    bases: [...bases],
    gitName: basename(checkout.gitDir),
    bytes: scan.bytes + gitBytes + (await lstat(pack)).size,
    skipped: scan.skipped.map(readable),
    left: scan.left.map(readable),
    unreadable: scan.unreadable.map(readable),
  };
}

/** Names in one line. */
const NAMED = 5;

function unreadableError({ sessionId, checkout }: PreserveRequest, paths: readonly string[]): AoError {
  const named = paths.slice(0, NAMED).map(readable).join(", ");
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : "";
  return new AoError("REFUSED", `${named}${more} in ${checkout.path} cannot be read, so it cannot be saved`, {
    hint: `Make it readable (\`sudo chown -R "$USER"\`), or continue without it: \`ao kill ${sessionId ?? "SESSION"} --rm --drop-unreadable\`.`,
    details: { unreadable: paths.map(readable) },
  });
}

const readable = (path: string): string => Buffer.from(path, "latin1").toString("utf8");

async function copyFiles(root: string, files: string, scan: Scan): Promise<void> {
  await mkdir(files, { mode: 0o700 });
  const isKept = (entry: TreeEntry) => entry.kind === "file" || entry.kind === "link";
  const kept = scan.entries.filter(isKept);
  const folders = new Set<string>();
  for (const { path } of kept) {
    for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) folders.add(path.slice(0, at));
  }
  for (const folder of folders) await mkdir(bytePath(files, folder), { mode: 0o700 });
  const copies = await eachOf(kept, AT_ONCE, async ({ path, mode }) => {
    const from = bytePath(root, path);
    // The list has the real permissions; the copy must be readable to be brought back.
    return { from, to: bytePath(files, path), stat: await lstat(from), mode: mode | 0o600 };
  });
  await copyEntries(copies, true);
  await eachOf([...folders], AT_ONCE, (folder) => syncDir(bytePath(files, folder)));
  await syncDir(files);
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

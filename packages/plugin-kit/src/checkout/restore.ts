import { chmod, lstat, lutimes, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import { readSmallBytes, readSmallFile } from "../files/read-small.ts";
import { removeTree } from "../files/remove-tree.ts";
import { type Checkout, type View, withView } from "../git/view.ts";
import { copyEntries, copyFolder } from "./copy-tree.ts";
import { eachOf } from "./each-of.ts";
import type { CheckoutHost } from "./host.ts";
import { KEPT, type Manifest } from "./kept.ts";
import { addLate } from "./late.ts";
import { notKept } from "./not-kept.ts";
import { bytePath, parseTree, type TreeEntry } from "./tree-list.ts";
import { requireWorkTree } from "./work-tree.ts";
import { restoreXattrs } from "./xattrs.ts";

const AT_ONCE = 16;
const DEADLINE_MS = 10 * 60_000;

/** Puts the kept git folder back at `gitDir`, which exists, over what is there. */
export const restoreGitFolder = (kept: string, gitDir: string): Promise<void> =>
  copyFolder({ from: Buffer.from(join(kept, KEPT.git)), to: Buffer.from(gitDir), isDurable: false });

/** Fills an empty checkout, whose git folder is back, with exactly the files that were kept. Returns sentences for the user. */
export async function restoreTree(
  host: CheckoutHost,
  checkout: Checkout,
  { kept, manifest }: { kept: string; manifest: Manifest },
): Promise<string[]> {
  const list = await readSmallBytes(join(kept, KEPT.tree), 1024 * 1024 * 1024);
  if (list === null) throw new AoError("FAILED", `the kept work in ${kept} has no list of its files`);
  const entries = parseTree(list);
  const folders = entries.filter(({ kind }) => kind === "dir");
  const hasOther = checkout.gitDir !== join(checkout.path, ".git") && entries.some(({ path }) => path === ".git");
  const pointer = hasOther ? await readSmallFile(join(checkout.path, ".git")) : null;
  if (hasOther) await rm(join(checkout.path, ".git"), { force: true });
  for (const { path } of folders) await mkdir(bytePath(checkout.path, path), { recursive: true, mode: 0o700 });
  await withView(host, { ...checkout, raw: true }, async (view) => {
    await writeTracked(view, entries);
    await putBack(entries, checkout.path, join(kept, KEPT.files));
    const marked = new Set(manifest.xattrs ?? []);
    const paths = entries.flatMap(({ path }) => (marked.has(path) ? [path] : []));
    await restoreXattrs(host, { root: checkout.path, paths, archive: join(kept, KEPT.attributes) });
    const toDress = entries.filter(({ kind, path }) => kind === "same" || marked.has(path));
    await eachOf(toDress, AT_ONCE, (entry) => dress(entry, checkout.path));
    // The files have new inodes: without this each reader of the index would read all of them again.
    await view.run(["update-index", "-q", "--refresh"], { okExits: [0, 1], timeoutMs: DEADLINE_MS });
  });
  const notes = hasOther ? [await checkOther(host, checkout, { kept, pointer })] : [];
  notes.push(...(await addLate(kept, checkout.path)));
  for (const { path, mode, mtimeMs } of folders.reverse()) {
    await chmod(bytePath(checkout.path, path), mode);
    await lutimes(bytePath(checkout.path, path), mtimeMs / 1000, mtimeMs / 1000);
  }
  return [...notes, ...notKept(manifest)];
}

/** The agent had put another repository in the place of the checkout's. It must not lead git to files elsewhere. */
async function checkOther(
  host: CheckoutHost,
  { path }: Checkout,
  { kept, pointer }: { kept: string; pointer: string | null },
): Promise<string> {
  try {
    await requireWorkTree(host, path);
    return "The agent had made its own repository in the checkout. It is restored in .git, and `ao` does not see its commits.";
  } catch (error) {
    if (!isAoError(error) || error.code !== "REFUSED") throw error;
    await removeTree(join(path, ".git"));
    if (pointer !== null) await writeFile(join(path, ".git"), pointer);
    const where = join(kept, KEPT.files, ".git");
    return `The .git that the agent had put into the checkout is not restored, because git would not work on the checkout with it. It is ${where}.`;
  }
}

/** As bytes, by a raw view: no filter runs, and none is needed. */
async function writeTracked(view: View, entries: readonly TreeEntry[]): Promise<void> {
  const same = entries.filter(({ kind }) => kind === "same").map(({ path }) => `${path}\0`);
  if (same.length === 0) return;
  const input = Buffer.from(same.join(""), "latin1");
  await view.run(["checkout-index", "-q", "-z", "--stdin"], { input, timeoutMs: DEADLINE_MS });
}

async function putBack(entries: readonly TreeEntry[], root: string, files: string): Promise<void> {
  const kept = entries.filter(({ kind }) => kind === "file" || kind === "link");
  const copies = await eachOf(kept, AT_ONCE, async ({ path, mode }) => {
    const from = bytePath(files, path);
    return { from, to: bytePath(root, path), stat: await lstat(from), mode };
  });
  await copyEntries(copies, { isDurable: false });
}

/** Permissions and time of what git or tar wrote. */
async function dress({ path, mode, mtimeMs }: TreeEntry, root: string): Promise<void> {
  const to = bytePath(root, path);
  if (!(await lstat(to)).isSymbolicLink()) await chmod(to, mode);
  await lutimes(to, mtimeMs / 1000, mtimeMs / 1000);
}

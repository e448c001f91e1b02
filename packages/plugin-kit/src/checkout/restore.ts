import { chmod, lstat, lutimes, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { readSmallBytes } from "../files/read-small.ts";
import { type Checkout, type View, withView } from "../git/view.ts";
import { copyEntries, copyFolder } from "./copy-tree.ts";
import { eachOf } from "./each-of.ts";
import type { CheckoutHost } from "./host.ts";
import { KEPT } from "./kept.ts";
import { bytePath, parseTree, type TreeEntry } from "./tree-list.ts";

const AT_ONCE = 16;
const DEADLINE_MS = 10 * 60_000;

/** Puts the kept git folder back at `gitDir`, which exists, over what is there. */
export const restoreGitFolder = (kept: string, gitDir: string): Promise<void> =>
  copyFolder({ from: Buffer.from(join(kept, KEPT.git)), to: Buffer.from(gitDir), isDurable: false });

/** Fills an empty checkout, whose git folder is back, with exactly the files that were kept. */
export async function restoreTree(host: CheckoutHost, checkout: Checkout, kept: string): Promise<void> {
  const list = await readSmallBytes(join(kept, KEPT.tree), 1024 * 1024 * 1024);
  if (list === null) throw new AoError("FAILED", `the kept work in ${kept} has no list of its files`);
  const entries = parseTree(list);
  const folders = entries.filter(({ kind }) => kind === "dir");
  for (const { path } of folders) await mkdir(bytePath(checkout.path, path), { recursive: true, mode: 0o700 });
  await withView(host, { ...checkout, raw: true }, async (view) => {
    await writeTracked(view, entries);
    await putBack(entries, checkout.path, join(kept, KEPT.files));
    await eachOf(entries, AT_ONCE, (entry) => dress(entry, checkout.path));
    // The files have new inodes: without this each reader of the index would read all of them again.
    await view.run(["update-index", "-q", "--refresh"], { okExits: [0, 1], timeoutMs: DEADLINE_MS });
  });
  for (const { path, mode, mtimeMs } of folders.reverse()) {
    await chmod(bytePath(checkout.path, path), mode);
    await lutimes(bytePath(checkout.path, path), mtimeMs / 1000, mtimeMs / 1000);
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
  await copyEntries(copies, false);
}

/** Permissions and time of a file that came from the index. */
async function dress({ kind, path, mode, mtimeMs }: TreeEntry, root: string): Promise<void> {
  if (kind !== "same") return;
  const to = bytePath(root, path);
  if (!(await lstat(to)).isSymbolicLink()) await chmod(to, mode);
  await lutimes(to, mtimeMs / 1000, mtimeMs / 1000);
}

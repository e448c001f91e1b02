import { createHash } from "node:crypto";
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { atomicReplace } from "@agent-orchestrator/core/host/files";
import { guardFolder } from "@agent-orchestrator/core/host/guarded";
import { discard, removeTree, sweepTrash, TRASH } from "@agent-orchestrator/plugin-kit/files/remove-tree";
import type { Desk } from "../desk.ts";

/** On a disk, as a rule, and kept over a restart; nothing in this path begins with a dot. */
const OUTSIDE = "/var/tmp";
/** Says whose place it is. Nothing is removed from a folder that has no such file, for `ciDir` may hold other things. */
const OWNER = "ao-ci-checkout.txt";
const OWNED = /^ci checkout of ao, for (\/.+)$/m;
const NAME = /^[0-9a-f]{12}-/;

/**
 * The folder of CI's checkout. Many programs take a path with a dot folder in it for something to leave alone, so where the
 * state folder is below one (`~/.agent-orchestrator`), CI works outside it, in a private folder. `ciDir` chooses another.
 */
export async function placeOfCheckout(desk: Desk): Promise<string> {
  const { stateDir, log } = desk.context;
  const inside = join(stateDir, "ci", "checkout");
  const root = rootOf(desk);
  if (root === null || (desk.options.ciDir === null && !makePrivate(root))) return inside;
  const place = join(root, keyOf(desk));
  if (!makePrivate(place)) return inside;
  guardFolder(place);
  atomicReplace(join(place, OWNER), `ci checkout of ao, for ${stateDir}\n`);
  // From before the place was chosen.
  if (existsSync(inside)) await discard(inside, log);
  return join(place, "checkout");
}

function rootOf({ context, options, project }: Desk): string | null {
  if (options.ciDir !== null) {
    const home = context.env().HOME ?? "";
    return resolve(project.path, options.ciDir.replace(/^~(?=\/|$)/, home));
  }
  return hasDotFolder(context.stateDir) ? join(OUTSIDE, `ao-${process.getuid?.() ?? 0}`) : null;
}

const hasDotFolder = (path: string): boolean => path.split("/").some((part) => part.startsWith("."));

const keyOf = ({ context, project }: Desk): string =>
  `${createHash("sha256").update(context.stateDir).digest("hex").slice(0, 12)}-${project.id}`;

/** false: somebody else's, or not a folder. Anybody can make a folder in a shared place before us. */
function makePrivate(path: string): boolean {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const stat = lstatSync(path);
    if (!stat.isDirectory() || stat.uid !== process.getuid?.()) return false;
    if ((stat.mode & 0o077) !== 0) chmodSync(path, 0o700);
    return true;
  } catch {
    return false; // no such file system, or it is read-only: CI works in the state folder
  }
}

/** Removes what state folders that are gone by now, or a removal that was killed, have left outside. */
export async function sweepPlaces(desk: Desk): Promise<void> {
  const root = rootOf(desk);
  if (root === null || lstatSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  const { log } = desk.context;
  await sweepTrash(root, log);
  for (const name of readdirSync(root).filter((entry) => NAME.test(entry))) {
    const owner = readOwner(join(root, name, OWNER));
    if (owner !== null && !existsSync(owner)) await discard(join(root, name), log);
  }
  await sweepTrash(join(root, keyOf(desk)), log);
}

/** Removes the checkouts outside of all projects of this state folder, and the folder that held them once it is empty. */
export async function removePlaces(desk: Desk): Promise<void> {
  const root = rootOf(desk);
  if (root === null || lstatSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  const home = dirname(dirname(desk.context.stateDir));
  for (const name of readdirSync(root).filter((entry) => NAME.test(entry))) {
    if (readOwner(join(root, name, OWNER))?.startsWith(`${home}/`) === true) await removeTree(join(root, name));
  }
  await removeTree(join(root, TRASH));
  if (desk.options.ciDir !== null) return;
  try {
    rmdirSync(root);
  } catch {
    // Another state folder of this user has checkouts there.
  }
}

function readOwner(file: string): string | null {
  try {
    return OWNED.exec(readFileSync(file, "utf8"))?.[1] ?? null;
  } catch {
    return null; // not ours, or still being made
  }
}

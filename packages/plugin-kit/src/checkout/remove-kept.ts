import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { failpoint } from "@agent-orchestrator/core/host/failpoint";
import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import { makeFolder, moveOwn } from "../files/folders.ts";
import { type User, untilUnused } from "../files/in-use.ts";
import { isErrno } from "../files/read-small.ts";
import { ASIDE, discard, dropEmpty, freeName, TRASH } from "../files/remove-tree.ts";
import { readHead } from "../git/refs.ts";
import { openRepository, type Repository } from "../git/repository.ts";
import type { Checkout } from "../git/view.ts";
import { withRepoLock } from "../repo-lock.ts";
import { isThere } from "./inside.ts";
import { KEPT, type Manifest, readManifest } from "./kept.ts";
import type { Making } from "./kind.ts";
import { setLateAside } from "./late.ts";
import { listed, notKept } from "./not-kept.ts";
import { hasOwnGit } from "./own-git.ts";
import { preserveCheckout } from "./preserve.ts";
import type { Removal } from "./removals.ts";
import { hasChanged } from "./seen.ts";
import { dropWorktreeSettings } from "./worktree-settings.ts";

/** Programs of the agent that are ending take a moment. */
const UNUSED_MS = 2_000;
/** How often a checkout is copied again because something was written meanwhile. */
const ROUNDS = 3;

/**
 * Removes a checkout whose work was kept in `kept`. It is moved aside by one rename, so that nothing reaches it by its path. Then
 * it is looked at again, and copied again if anything was written since. It is deleted only if nothing uses it any more. Otherwise
 * it stays aside, and a later call deletes it. Inside the repository's lock. Returns sentences for the user.
 */
export async function removeKept(
  making: Making,
  repo: Repository,
  { path, kept }: { path: string; kept: string },
): Promise<string[]> {
  const { kind, records, removals } = making;
  await settleKept(kept);
  const record = await records.byPath(path);
  const { gitDir } = await kind.at(repo, path);
  // If a link is in its place, or there is no room for it, that must be known before anything is moved.
  await makeFolder(join(dirname(path), TRASH));
  const aside = await freeName(join(dirname(path), ASIDE), basename(path));
  const repoPath = record?.repoPath ?? repo.path;
  const removal: Removal = { path, aside, kept, repoPath, gitDir, stage: "moved" };
  if (record !== null) await records.write({ ...record, stage: "removing" });
  await removals.write(removal);
  try {
    await moveAside(path, aside);
  } catch (error) {
    await putBack(making, removal);
    throw error;
  }
  failpoint("remove.moved-aside");
  return finishRemoval(making, repo, { removal, waitMs: UNUSED_MS, isCopiedInUse: true });
}

/** Fine if there is nothing. */
async function moveAside(path: string, aside: string): Promise<void> {
  for (;;) {
    await makeFolder(dirname(aside));
    try {
      return await moveOwn(path, aside);
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error;
      // The folder for it was empty after another removal, which has just ended, and was removed in between.
      if (!(await isThere(path))) return;
    }
  }
}

export interface Finishing {
  removal: Removal;
  /** How long to wait for programs that still use it. */
  waitMs: number;
  /** What was written since is copied although a program may go on writing. */
  isCopiedInUse: boolean;
}

/** Does what is left of a removal. Inside the repository's lock. May be repeated. */
export async function finishRemoval(
  making: Making,
  repo: Repository,
  { removal, waitMs, isCopiedInUse }: Finishing,
): Promise<string[]> {
  const { host, removals } = making;
  const { path, aside, kept } = removal;
  const notes = notKept(await settleKept(kept));
  if (!(await isThere(aside))) {
    if (removal.stage !== "forgotten" && !(await isThere(path))) await forget(making, repo, removal);
    await removals.remove(removal);
    return notes;
  }
  const users = await untilUnused(aside, { clock: host.clock, timeoutMs: waitMs });
  if (users.length > 0 && !isCopiedInUse) return [...notes, leftAside(removal, users)];
  let isKept: boolean;
  try {
    isKept = await catchUp(making, repo, removal);
  } catch (error) {
    if (removal.stage === "moved") await putBack(making, removal);
    throw error;
  }
  if (removal.stage !== "forgotten") {
    await removals.write({ ...removal, stage: "forgetting" });
    await forget(making, repo, removal);
    failpoint("remove.forgotten");
    await removals.write({ ...removal, stage: "forgotten" });
    const late = await setLateAside(path, kept);
    if (late !== null) notes.push(late);
  }
  if (users.length === 0 && isKept) {
    await discard(aside, host.log, dirname(path));
    await rm(join(kept, KEPT.seen), { force: true });
    await removals.remove(removal);
    await dropEmpty(dirname(aside));
  } else notes.push(leftAside(removal, users));
  return [...new Set([...notes, ...notKept(await settleKept(kept))])];
}

function leftAside({ aside, kept }: Removal, users: readonly User[]): string {
  const who = listed(users.map(({ pid, name }) => `${name} (${pid})`));
  const why = users.length === 0 ? "its files keep changing" : `${who} still ${users.length === 1 ? "uses" : "use"} it`;
  return `Left aside: ${aside}, because ${why}. ao keeps what is saved there in ${kept}, and deletes it when nothing uses it.`;
}

/** Copies the checkout again until it is the same as what was kept. Returns false if it does not stop changing. */
async function catchUp(making: Making, repo: Repository, removal: Removal): Promise<boolean> {
  const { kind, host, records } = making;
  const { path, aside, kept, stage } = removal;
  const checkout = checkoutOf(repo, removal);
  const isOwnGit = await hasOwnGit({ path: aside, madeAt: path, gitDir: removal.gitDir });
  const isGitKept = stage !== "moved" && checkout.gitDir === join(kept, KEPT.git);
  const place = { path: aside, gitDir: isGitKept ? null : checkout.gitDir, isOwnGit };
  for (let round = 0; round < ROUNDS; round += 1) {
    if (!(await hasChanged(kept, place))) return true;
    const manifest = await settleKept(kept);
    const { branch, headSha: sha, bases, sessionId } = manifest;
    const head = isGitKept ? { branch, sha } : await readHead(kind.refsOf(repo, checkout), checkout.gitDir);
    await preserveCheckout(host, {
      workspace: kind.name,
      checkout,
      madeAt: path,
      sessionId: (await records.byPath(path))?.sessionId ?? sessionId,
      head,
      isOwnGit,
      bases,
      into: kept,
      dropUnreadable: (manifest.unreadable ?? []).length > 0,
      isGitKept,
    });
  }
  return !(await hasChanged(kept, place));
}

/** The checkout at its new place. Its git folder is in it, or in the repository, or only in the kept work any more. */
function checkoutOf(repo: Repository, { path, aside, kept, gitDir, stage }: Removal): Checkout {
  if (gitDir === join(path, ".git")) {
    const moved = join(aside, ".git");
    return { path: aside, gitDir: moved, commonDir: moved };
  }
  return { path: aside, gitDir: stage === "moved" ? gitDir : join(kept, KEPT.git), commonDir: repo.commonDir };
}

async function forget({ host, kind, records }: Making, repo: Repository, { path }: Removal): Promise<void> {
  await kind.forget(repo, path);
  await dropWorktreeSettings(host, repo);
  const record = await records.byPath(path);
  if (record?.stage === "removing") await records.remove(record.sessionId);
}

/** Nothing was removed after all. */
async function putBack({ records, removals }: Making, removal: Removal): Promise<void> {
  const { path, aside } = removal;
  if (await isThere(path)) return; // Something wrote there meanwhile. The next call goes on from here.
  if (await isThere(aside)) await moveOwn(aside, path);
  const record = await records.byPath(path);
  if (record?.stage === "removing") await records.write({ ...record, stage: "ready" });
  await removals.remove(removal);
}

/** A crash while it was replaced leaves the older one under another name. */
export async function settleKept(kept: string): Promise<Manifest> {
  if (!(await isThere(kept)) && (await isThere(`${kept}.old`))) await moveOwn(`${kept}.old`, kept);
  const manifest = await readManifest(kept);
  if (manifest === null) throw new AoError("NOT_FOUND", `there is no kept work in ${kept}`);
  return manifest;
}

/** Goes on with what earlier calls left aside. A failure stops nothing, because the next call tries again. */
export async function finishRemovals(
  making: Making,
  { which, isCopiedInUse }: { which(removal: Removal): boolean; isCopiedInUse: boolean },
): Promise<void> {
  for (const removal of (await making.removals.all()).filter(which)) {
    try {
      const repo = await openRepository(removal.repoPath);
      await withRepoLock(repo.commonDir, () => finishRemoval(making, repo, { removal, waitMs: 0, isCopiedInUse }));
    } catch (error) {
      const said = toAoError(error).message;
      making.host.log.warn("a checkout is left aside", { aside: removal.aside, error: said });
    }
  }
}

/** The removal of the checkout at `path` that did not finish. Null: it is there, or was never moved. */
export async function unfinishedAt({ removals }: Making, path: string): Promise<Removal | null> {
  const found = (await removals.all()).find((removal) => removal.path === path && removal.stage !== "forgotten");
  return found !== undefined && (await isThere(found.aside)) ? found : null;
}

import { realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Connection } from "@agent-orchestrator/core/slots/workspace";
import type { CheckoutHost } from "@agent-orchestrator/plugin-kit/checkout/host";
import { isThere } from "@agent-orchestrator/plugin-kit/checkout/inside";
import type { Placed } from "@agent-orchestrator/plugin-kit/checkout/kind";
import {
  findWorktree,
  gitFolderOf,
  type LinkedWorktree,
  linkedWorktrees,
  type Repository,
} from "@agent-orchestrator/plugin-kit/git/repository";
import { git } from "@agent-orchestrator/plugin-kit/git/run";
import { forgetWorktree } from "./forget.ts";
import { lockReason } from "./lock.ts";

/** Both directions count: the repository's record of the checkout, and the checkout's file that names the repository. */
export async function connection(repo: Repository, place: Placed): Promise<Connection> {
  const registered = await findWorktree(repo, place.path);
  if (registered !== null && (await leadsTo(place.path, registered))) return "connected";
  return (registered ?? (await lostWorktree(repo, place))) === null ? "foreign" : "moved";
}

export async function reconnect(host: CheckoutHost, repo: Repository, place: Placed): Promise<void> {
  if ((await connection(repo, place)) === "connected") return;
  const where = { cwd: repo.commonDir, gitDir: repo.commonDir };
  // The status says little: git also complains of other worktrees that are broken.
  await git(host, ["worktree", "repair", place.path], { ...where, okExits: [0, 1, 128], timeoutMs: 30_000 });
  if ((await connection(repo, place)) === "connected") return;
  throw new AoError("FAILED", `git could not connect ${place.path} with ${repo.path} again`, {
    hint: `Try \`git -C ${repo.path} worktree repair ${place.path}\`.`,
  });
}

/** Where the files are gone too, the record goes with them: it would keep the branch taken. */
export async function release(repo: Repository, place: Placed): Promise<void> {
  const found = (await findWorktree(repo, place.path)) ?? (await lostWorktree(repo, place));
  if (found === null || found.lock !== lockReason(place.sessionId)) return;
  if (await isThere(place.path)) await rm(join(found.gitDir, "locked"), { force: true });
  else await forgetWorktree(repo, found.path);
}

async function leadsTo(path: string, { gitDir }: LinkedWorktree): Promise<boolean> {
  const named = await gitFolderOf(path);
  if (named === null) return false;
  const [from, to] = await Promise.all([named, gitDir].map((dir) => realpath(dir).catch(() => null)));
  return from !== null && from === to;
}

/** The record of a checkout that was moved: it has the session's lock, and nothing lies where it says any more. */
async function lostWorktree(repo: Repository, { sessionId }: Placed): Promise<LinkedWorktree | null> {
  for (const worktree of await linkedWorktrees(repo)) {
    if (worktree.lock !== lockReason(sessionId)) continue;
    if ((await realpath(join(worktree.path, ".git")).catch(() => null)) === null) return worktree;
  }
  return null;
}

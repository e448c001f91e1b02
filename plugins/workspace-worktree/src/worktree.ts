import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CheckoutHost } from "@agent-orchestrator/plugin-kit/checkout/host";
import { isThere } from "@agent-orchestrator/plugin-kit/checkout/inside";
import { KEPT } from "@agent-orchestrator/plugin-kit/checkout/kept";
import { requireObjects, unpackObjects } from "@agent-orchestrator/plugin-kit/checkout/kept-objects";
import type { AddRequest, BringBack, CheckoutKind } from "@agent-orchestrator/plugin-kit/checkout/kind";
import { restoreGitFolder } from "@agent-orchestrator/plugin-kit/checkout/restore";
import { restoreBranch } from "@agent-orchestrator/plugin-kit/checkout/restore-branch";
import { findWorktree, type Repository } from "@agent-orchestrator/plugin-kit/git/repository";
import { git } from "@agent-orchestrator/plugin-kit/git/run";
import { type Checkout, withView } from "@agent-orchestrator/plugin-kit/git/view";
import { connection, reconnect, release } from "./connection.ts";
import { forgetWorktree } from "./forget.ts";
import { lockReason } from "./lock.ts";

/** Linked worktrees: they share objects, refs, config and hooks with the user's own checkout. */
export const worktree: CheckoutKind = {
  name: "worktree",
  add: addWorktree,
  checkUnused,
  at: checkoutAt,
  refsOf: (repo) => repo,
  forget: forgetWorktree,
  connection,
  reconnect,
  release,
  bringBack: bringBackWorktree,
};

async function addWorktree(host: CheckoutHost, repo: Repository, request: AddRequest): Promise<Checkout> {
  const { path, branch, newAt } = request;
  const making = newAt === null ? [] : ["--no-track", "-b", branch];
  const args = ["worktree", "add", "--no-checkout", "--lock", ...making, "--", path, newAt ?? branch];
  await git(host, args, { cwd: repo.commonDir, gitDir: repo.commonDir, timeoutMs: 60_000 });
  const checkout = await checkoutAt(repo, path);
  await writeFile(join(checkout.gitDir, "locked"), lockReason(request.sessionId));
  return checkout;
}

/** Git checks a branch out in one worktree only, the user's own included. */
async function checkUnused(host: CheckoutHost, repo: Repository, branch: string): Promise<void> {
  const where = { cwd: repo.commonDir, gitDir: repo.commonDir };
  const { stdout } = await git(host, ["worktree", "list", "--porcelain"], where);
  const taken = stdout.split("\n\n").find((entry) => entry.split("\n").includes(`branch refs/heads/${branch}`));
  const path = /^worktree (.*)$/m.exec(taken ?? "")?.[1];
  if (path === undefined) return;
  throw new AoError("REFUSED", `branch ${branch} is checked out in ${path}`, {
    hint: "Switch that checkout to another branch, or start from this one with `--base`.",
  });
}

async function checkoutAt(repo: Repository, path: string): Promise<Checkout> {
  const found = await findWorktree(repo, path);
  if (found === null) throw new AoError("NOT_FOUND", `${path} is not a worktree of ${repo.path}`);
  return { commonDir: repo.commonDir, gitDir: found.gitDir, path };
}

/** Objects, branch, and the worktree's entry in the repository under the name it had: submodules refer to it. */
async function bringBackWorktree(
  host: CheckoutHost,
  repo: Repository,
  { config, kept, manifest }: BringBack,
): Promise<Checkout> {
  const main = { commonDir: repo.commonDir, gitDir: repo.commonDir, path: repo.commonDir };
  await withView(host, main, async (view) => {
    await requireObjects(view, manifest.bases);
    await unpackObjects(view, join(kept, KEPT.pack));
  });
  await restoreBranch(host, repo, { kept, manifest });
  await forgetWorktree(repo, config.path);
  const gitDir = join(repo.commonDir, "worktrees", manifest.gitName);
  if (await isThere(gitDir)) {
    throw new AoError("REFUSED", `the repository has another worktree called ${manifest.gitName}`, {
      hint: "`git worktree list` shows it: move it away with `git worktree remove`, then try again.",
    });
  }
  await mkdir(gitDir, { recursive: true });
  await writeFile(join(gitDir, "locked"), lockReason(config.sessionId));
  await writeFile(join(gitDir, "gitdir"), `${join(config.path, ".git")}\n`);
  await writeFile(join(gitDir, "commondir"), "../..\n");
  await restoreGitFolder(kept, gitDir);
  await mkdir(config.path, { recursive: true });
  await writeFile(join(config.path, ".git"), `gitdir: ${gitDir}\n`);
  return { commonDir: repo.commonDir, gitDir, path: config.path };
}

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CheckoutHost } from "@agent-orchestrator/plugin-kit/checkout/host";
import { findWorktree, type Repository } from "@agent-orchestrator/plugin-kit/git/repository";
import { git } from "@agent-orchestrator/plugin-kit/git/run";
import type { Checkout } from "@agent-orchestrator/plugin-kit/git/view";

/** The reason of the lock on our worktrees: `git worktree prune` and `remove` leave them alone. */
const lockReason = (sessionId: string): string => `ao:${sessionId}`;

export interface AddRequest {
  path: string;
  branch: string;
  sessionId: string;
  /** Make the branch at this commit; null: it exists. */
  startSha: string | null;
}

/** Registers the worktree and its branch. The checkout has no files yet. */
export async function addWorktree(host: CheckoutHost, repo: Repository, request: AddRequest): Promise<Checkout> {
  const { path, branch, startSha } = request;
  const making = startSha === null ? [] : ["--no-track", "-b", branch];
  const args = ["worktree", "add", "--no-checkout", "--lock", ...making, "--", path, startSha ?? branch];
  await git(host, args, { cwd: repo.commonDir, gitDir: repo.commonDir, timeoutMs: 60_000 });
  const checkout = await checkoutAt(repo, path);
  await writeFile(join(checkout.gitDir, "locked"), lockReason(request.sessionId));
  return checkout;
}

/** The checkout as the repository knows it: an agent may have changed the `.git` file in it. */
export async function checkoutAt(repo: Repository, path: string): Promise<Checkout> {
  const worktree = await findWorktree(repo, path);
  if (worktree === null) throw new AoError("NOT_FOUND", `${path} is not a worktree of ${repo.path}`);
  return { commonDir: repo.commonDir, gitDir: worktree.gitDir, path };
}

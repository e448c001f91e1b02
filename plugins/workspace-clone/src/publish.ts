import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CheckoutHost } from "@agent-orchestrator/plugin-kit/checkout/host";
import { readHead, readRef } from "@agent-orchestrator/plugin-kit/git/refs";
import type { Repository } from "@agent-orchestrator/plugin-kit/git/repository";
import { git } from "@agent-orchestrator/plugin-kit/git/run";
import { type Checkout, withView } from "@agent-orchestrator/plugin-kit/git/view";
import { holdersOf } from "@agent-orchestrator/plugin-kit/git/work-trees";

/**
 * Moves the project's branch on to the clone's, as a fast-forward. The commits travel as a pack: a fetch would run git on the
 * clone's own config, which the agent writes.
 */
export async function publishBranch(host: CheckoutHost, repo: Repository, checkout: Checkout): Promise<void> {
  const inClone = { path: checkout.path, commonDir: checkout.gitDir, gitDir: checkout.gitDir, isGitFolder: false };
  const { branch, sha } = await readHead(inClone, checkout.gitDir);
  if (branch === null || sha === null) return;
  const ref = `refs/heads/${branch}`;
  const before = await readRef(repo, ref);
  if (before === sha) return;
  const [holder] = await holdersOf(host, repo, branch);
  if (holder !== undefined) {
    throw new AoError("REFUSED", `branch ${branch} is checked out in ${holder.path}`, {
      hint: `Pull it there from ${checkout.path}.`,
    });
  }
  await moveObjects(host, repo, { checkout, sha, before });
  const where = { cwd: repo.commonDir, gitDir: repo.commonDir };
  if (before !== null) await requireForward(host, repo, { branch, before, sha });
  await git(host, ["update-ref", "-m", "ao: publish", ref, sha, before ?? "0".repeat(sha.length)], where);
}

interface Move {
  checkout: Checkout;
  sha: string;
  before: string | null;
}

async function moveObjects(host: CheckoutHost, repo: Repository, { checkout, sha, before }: Move): Promise<void> {
  const main = { commonDir: repo.commonDir, gitDir: repo.commonDir, path: repo.commonDir };
  await withView(host, checkout, async (view) => {
    const pack = join(view.dir, "branch.pack");
    const input = `${sha}\n${before === null ? "" : `^${before}\n`}`;
    const limits = { timeoutMs: 10 * 60_000 };
    await view.run(["pack-objects", "--revs", "--stdout", "-q", "--delta-base-offset"], {
      input,
      outputFile: pack,
      ...limits,
    });
    await withView(host, main, (target) => target.run(["index-pack", "--stdin"], { inputFile: pack, ...limits }));
  });
}

async function requireForward(
  host: CheckoutHost,
  repo: Repository,
  { branch, before, sha }: { branch: string; before: string; sha: string },
): Promise<void> {
  const where = { cwd: repo.commonDir, gitDir: repo.commonDir, okExits: [0, 1] };
  if ((await git(host, ["merge-base", "--is-ancestor", before, sha], where)).exitCode === 0) return;
  throw new AoError("REFUSED", `branch ${branch} of the project does not lead to the session's commits`, {
    hint: "It went on by itself, or the agent rewrote its history: merge or push from the checkout.",
  });
}

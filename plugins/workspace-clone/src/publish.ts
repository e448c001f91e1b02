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
  await moveObjects(host, { from: checkout, to: mainOf(repo), sha, known: before });
  const where = { cwd: repo.commonDir, gitDir: repo.commonDir };
  if (before !== null) await requireForward(host, repo, { branch, before, sha });
  await git(host, ["update-ref", "-m", "ao: publish", ref, sha, before ?? "0".repeat(sha.length)], where);
}

/** Makes a branch of the project's repository one of the clone's, or moves it there. It is not the one that is checked out. */
export async function receiveBranch(
  host: CheckoutHost,
  repo: Repository,
  { checkout, branch }: { checkout: Checkout; branch: string },
): Promise<void> {
  const ref = `refs/heads/${branch}`;
  const sha = await readRef(repo, ref);
  if (sha === null) throw new AoError("NOT_FOUND", `there is no branch ${branch}`);
  const inClone = { path: checkout.path, commonDir: checkout.gitDir, gitDir: checkout.gitDir, isGitFolder: false };
  const head = (await readHead(inClone, checkout.gitDir)).sha;
  const known = head !== null && (await hasCommit(repo, host, head)) ? head : null;
  await moveObjects(host, { from: mainOf(repo), to: checkout, sha, known });
  await withView(host, checkout, (view) => view.run(["update-ref", "-m", "ao: claim", ref, sha]));
}

const mainOf = (repo: Repository): Checkout => ({
  commonDir: repo.commonDir,
  gitDir: repo.commonDir,
  path: repo.commonDir,
});

async function hasCommit(repo: Repository, host: CheckoutHost, sha: string): Promise<boolean> {
  const where = { cwd: repo.commonDir, gitDir: repo.commonDir, okExits: [0, 1, 128] };
  return (await git(host, ["cat-file", "-e", `${sha}^{commit}`], where)).exitCode === 0;
}

interface Move {
  from: Checkout;
  to: Checkout;
  sha: string;
  /** A commit that both have. */
  known: string | null;
}

async function moveObjects(host: CheckoutHost, { from, to, sha, known }: Move): Promise<void> {
  await withView(host, from, async (view) => {
    const pack = join(view.dir, "branch.pack");
    const input = `${sha}\n${known === null ? "" : `^${known}\n`}`;
    const limits = { timeoutMs: 10 * 60_000 };
    await view.run(["pack-objects", "--revs", "--stdout", "-q", "--delta-base-offset"], {
      input,
      outputFile: pack,
      ...limits,
    });
    await withView(host, to, (target) => target.run(["index-pack", "--stdin"], { inputFile: pack, ...limits }));
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

import { lstat, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CheckoutHost } from "@agent-orchestrator/plugin-kit/checkout/host";
import { KEPT } from "@agent-orchestrator/plugin-kit/checkout/kept";
import { requireObjects, unpackObjects } from "@agent-orchestrator/plugin-kit/checkout/kept-objects";
import type { AddRequest, BringBack, CheckoutKind } from "@agent-orchestrator/plugin-kit/checkout/kind";
import { restoreGitFolder } from "@agent-orchestrator/plugin-kit/checkout/restore";
import { sparseOfMain } from "@agent-orchestrator/plugin-kit/checkout/sparse";
import { removeTree } from "@agent-orchestrator/plugin-kit/files/remove-tree";
import { remoteOf } from "@agent-orchestrator/plugin-kit/git/remote";
import type { Repository } from "@agent-orchestrator/plugin-kit/git/repository";
import { git } from "@agent-orchestrator/plugin-kit/git/run";
import { type Checkout, withView } from "@agent-orchestrator/plugin-kit/git/view";
import { cloneConfig } from "./clone-config.ts";
import { publishBranch, receiveBranch } from "./publish.ts";
import { copyTrackedRefs } from "./tracked-refs.ts";

/** Repositories of their own: what an agent does to config, hooks and refs stays in its checkout. */
export const clone: CheckoutKind = {
  name: "clone",
  add: addClone,
  at: cloneAt,
  refsOf: (_repo, { path, gitDir }) => ({ path, commonDir: gitDir, gitDir, isGitFolder: false }),
  forget: () => Promise.resolve(),
  // A clone is whole without the repository that it was made from.
  connection: () => Promise.resolve("connected"),
  reconnect: () => Promise.resolve(),
  release: () => Promise.resolve(),
  bringBack: bringBackClone,
  publish: publishBranch,
  receive: receiveBranch,
};

const CLONE_DEADLINE_MS = 10 * 60_000;

/** The branch is made in the project's repository too: its name is taken there, and it stays when the clone goes. */
async function addClone(host: CheckoutHost, repo: Repository, request: AddRequest): Promise<Checkout> {
  const { path, branch, newAt } = request;
  const ref = `refs/heads/${branch}`;
  if (newAt !== null) {
    await git(host, ["update-ref", "-m", "ao: session", ref, newAt, "0".repeat(newAt.length)], inside(repo.commonDir));
  }
  const checkout = await cloneFrom(host, repo, path);
  const { stdout } = await git(host, ["rev-parse", "--verify", `${ref}^{commit}`], inside(repo.commonDir));
  await git(host, ["update-ref", ref, stdout.trim()], inside(checkout.gitDir));
  await writeFile(join(checkout.gitDir, "HEAD"), `ref: ${ref}\n`);
  return checkout;
}

const inside = (gitDir: string) => ({ cwd: gitDir, gitDir });

/** Objects are linked where the disk allows it; remotes and tracking refs become those of the project's repository. */
async function cloneFrom(host: CheckoutHost, repo: Repository, path: string): Promise<Checkout> {
  const remote = await remoteOf(host, repo);
  const args = ["clone", "--quiet", "--no-checkout", "--origin", remote ?? "origin", "--", repo.commonDir, path];
  await git(host, args, { cwd: "/", timeoutMs: CLONE_DEADLINE_MS });
  const gitDir = join(path, ".git");
  if (remote !== null) await copyTrackedRefs(host, { from: repo.commonDir, to: gitDir, remote });
  await writeFile(join(gitDir, "config"), await cloneConfig(host, { repo, gitDir, remote }), { mode: 0o600 });
  // As `git worktree add` does: a new checkout is as sparse as the user's own.
  const sparse = await sparseOfMain(host, repo.commonDir);
  if (sparse !== null) await writeFile(join(gitDir, "info", "sparse-checkout"), sparse.patterns);
  return { commonDir: gitDir, gitDir, path };
}

async function cloneAt(_repo: Repository, path: string): Promise<Checkout> {
  const gitDir = join(path, ".git");
  const found = await lstat(gitDir).catch(() => null);
  if (found === null) throw new AoError("NOT_FOUND", `${path} is not a clone`);
  if (!found.isDirectory()) {
    throw new AoError("FAILED", `the .git folder of ${path} was replaced by something else`, {
      hint: "Nothing in it is touched. Put the folder back, or remove the checkout by hand.",
    });
  }
  return { commonDir: gitDir, gitDir, path };
}

async function bringBackClone(host: CheckoutHost, repo: Repository, { config, kept, manifest }: BringBack) {
  const checkout = await cloneFrom(host, repo, config.path);
  await withView(host, { ...checkout, path: checkout.gitDir }, async (view) => {
    await requireObjects(view, manifest.bases);
    await unpackObjects(view, join(kept, KEPT.pack));
  });
  for (const name of await readdir(checkout.gitDir)) {
    if (name !== "objects") await removeTree(join(checkout.gitDir, name));
  }
  await restoreGitFolder(kept, checkout.gitDir);
  return checkout;
}

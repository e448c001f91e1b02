import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { readSmallFile } from "../files/read-small.ts";
import { readRef } from "../git/refs.ts";
import type { Repository } from "../git/repository.ts";
import { git } from "../git/run.ts";
import { holdersOf } from "../git/work-trees.ts";
import type { CheckoutHost } from "./host.ts";
import { KEPT, type Manifest } from "./kept.ts";

/** Sees to it that the kept checkout's branch points where it did. Throws REFUSED when it went on, or is in use. */
export async function restoreBranch(
  host: CheckoutHost,
  repo: Repository,
  { kept, manifest }: { kept: string; manifest: Manifest },
): Promise<void> {
  const { branch, sha } = await keptBranch(kept, manifest);
  if (branch === null || sha === null) return;
  await refuseInUse(host, repo, branch);
  const now = await readRef(repo, `refs/heads/${branch}`);
  if (now === sha) return;
  if (now === null) {
    const none = "0".repeat(sha.length);
    await git(host, ["update-ref", "-m", "ao: restore", `refs/heads/${branch}`, sha, none], {
      cwd: repo.commonDir,
      gitDir: repo.commonDir,
    });
    return;
  }
  throw new AoError("REFUSED", `branch ${branch} has moved from ${sha.slice(0, 7)} to ${now.slice(0, 7)} since`, {
    hint: `Keep that under another name (\`git branch -m ${branch} NAME\`), then try again.`,
  });
}

/** In a rebase HEAD is detached, and the branch is where it was when the rebase began. */
async function keptBranch(kept: string, manifest: Manifest): Promise<{ branch: string | null; sha: string | null }> {
  if (manifest.branch !== null) return { branch: manifest.branch, sha: manifest.headSha };
  for (const folder of ["rebase-merge", "rebase-apply"]) {
    const read = async (name: string) => (await readSmallFile(join(kept, KEPT.git, folder, name)))?.trim() ?? null;
    const name = await read("head-name");
    if (name?.startsWith("refs/heads/"))
      return { branch: name.slice("refs/heads/".length), sha: await read("orig-head") };
  }
  return { branch: null, sha: null };
}

async function refuseInUse(host: CheckoutHost, repo: Repository, branch: string): Promise<void> {
  const [holder] = await holdersOf(host, repo, branch);
  if (holder === undefined) return;
  throw new AoError("REFUSED", `branch ${branch} is checked out at ${holder.path}`, {
    hint: "A branch cannot be in two checkouts. Switch that one to another branch first.",
  });
}

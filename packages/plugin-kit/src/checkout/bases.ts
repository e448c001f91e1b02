import { defaultBranch } from "../git/base.ts";
import { type Head, readRef } from "../git/refs.ts";
import { remoteOf } from "../git/remote.ts";
import type { Repository } from "../git/repository.ts";
import { git } from "../git/run.ts";
import { type Checkout, withView } from "../git/view.ts";
import type { CheckoutHost } from "./host.ts";

/**
 * What kept work may build on: where it left the default branch. Another session's branch would not do, for that can be
 * deleted. Empty: the kept work is complete in itself.
 */
export async function safeBases(
  host: CheckoutHost,
  { repo, checkout, head, baseSha }: { repo: Repository; checkout: Checkout; head: Head; baseSha: string | null },
): Promise<string[]> {
  if (head.sha === null) return [];
  const branch = await defaultBranch(host, repo).catch(() => null);
  if (branch === null) return [];
  const remote = await remoteOf(host, repo);
  const tracked = remote === null ? null : await readRef(repo, `refs/remotes/${remote}/${branch}`);
  const tip = tracked ?? (await readRef(repo, `refs/heads/${branch}`));
  if (tip === null || tip === head.sha) return tip === null ? [] : [tip];
  return withView(host, checkout, async (view) => {
    // A clone may not have the tip yet; where it began is a commit of the default branch too, as a rule.
    for (const other of [tip, baseSha]) {
      if (other === null) continue;
      const { stdout, exitCode } = await view.run(["merge-base", "HEAD", other], { okExits: [0, 1, 128] });
      if (exitCode === 0 && (await isReachable(host, repo, { sha: stdout.trim(), tip }))) return [stdout.trim()];
    }
    return [];
  });
}

async function isReachable(host: CheckoutHost, repo: Repository, { sha, tip }: { sha: string; tip: string }) {
  const where = { cwd: repo.commonDir, gitDir: repo.commonDir, okExits: [0, 1, 128] };
  return (await git(host, ["merge-base", "--is-ancestor", sha, tip], where)).exitCode === 0;
}

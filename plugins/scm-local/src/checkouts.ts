import { join } from "node:path";
import { readSmallFile } from "@agent-orchestrator/plugin-kit/files/read-small";
import { operationOf } from "@agent-orchestrator/plugin-kit/git/operation";
import { readHead } from "@agent-orchestrator/plugin-kit/git/refs";
import type { Checkout } from "@agent-orchestrator/plugin-kit/git/view";
import { workTrees } from "@agent-orchestrator/plugin-kit/git/work-trees";
import type { Repository } from "./repository.ts";

export interface Whereabouts {
  /** Every working tree that has this branch checked out. */
  checkouts: Checkout[];
  /** An operation that would write this branch when it ends, or that stops it from being moved: `rebase in /path`. */
  busy: string | null;
}

/** Reads where a branch is checked out from the repository's files, without a process. */
export async function whereIs(repository: Repository, branch: string): Promise<Whereabouts> {
  const found: Whereabouts = { checkouts: [], busy: null };
  for (const checkout of await workTrees(repository.host, repository)) {
    const head = await readHead(repository, checkout.gitDir);
    const operation = await operationOf(checkout.gitDir);
    if (head.branch === branch) found.checkouts.push(checkout);
    const concerns = head.branch === branch || (operation !== null && (await comesBackTo(checkout.gitDir, branch)));
    if (operation !== null && concerns) found.busy = `${operation} in ${checkout.path}`;
  }
  return found;
}

/** During a rebase or bisect HEAD is detached, but git records the branch that it will return to. */
async function comesBackTo(gitDir: string, branch: string): Promise<boolean> {
  const names = ["rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START"];
  const texts = await Promise.all(names.map((name) => readSmallFile(join(gitDir, name), 4_096)));
  return texts.some((text) => text?.trim() === `refs/heads/${branch}` || text?.trim() === branch);
}

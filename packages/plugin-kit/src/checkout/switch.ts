import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { SwitchOptions } from "@agent-orchestrator/core/slots/workspace";
import { writeDurable } from "../files/write-durable.ts";
import { readHead, readRef } from "../git/refs.ts";
import { openRepository, type Repository } from "../git/repository.ts";
import { type Checkout, withView } from "../git/view.ts";
import { withRepoLock } from "../repo-lock.ts";
import { inspectCheckout } from "./inspect.ts";
import type { Making } from "./kind.ts";

interface SwitchRequest {
  path: string;
  project: ProjectConfig;
  options: SwitchOptions;
}

const FILES_MS = 10 * 60_000;

/** Checks out another branch, for good. Nothing that is not committed is touched: then it is refused. */
export async function switchBranch(making: Making, { path, project, options }: SwitchRequest): Promise<void> {
  const { kind, host, records } = making;
  const { branch, signal } = options;
  const repo = await openRepository(project.path);
  await withRepoLock(repo.commonDir, async () => {
    const checkout = await kind.at(repo, path);
    const refs = kind.refsOf(repo, checkout);
    const record = await records.byPath(path);
    const other = (await records.all()).find((each) => each.branch === branch && each.path !== path);
    if (other !== undefined) throw new AoError("REFUSED", `branch ${branch} is the branch of ${other.sessionId}`);
    const head = await readHead(refs, checkout.gitDir);
    if (head.branch !== branch) {
      await kind.checkUnused?.(host, repo, branch);
      await kind.receive?.(host, repo, { checkout, branch });
      const sha = await readRef(refs, `refs/heads/${branch}`);
      if (sha === null) throw new AoError("NOT_FOUND", `there is no branch ${branch}`);
      await moveFiles(making, { repo, refs, checkout, project, from: head.sha, to: sha, signal });
      await writeDurable(join(checkout.gitDir, "HEAD"), `ref: refs/heads/${branch}\n`);
    }
    if (record !== null) await records.write({ ...record, branch, isOwnBranch: false });
  });
}

interface Move {
  repo: Repository;
  refs: Repository;
  checkout: Checkout;
  project: ProjectConfig;
  from: string | null;
  to: string;
  signal: AbortSignal | undefined;
}

async function moveFiles({ host }: Making, move: Move): Promise<void> {
  const { repo, refs, checkout, project, from, to, signal } = move;
  const state = await inspectCheckout(host, { repo: refs, into: repo, checkout, project, options: {} });
  const isClean = state.changedFiles === 0 && state.operation === null;
  const limits = { timeoutMs: FILES_MS, ...(signal === undefined ? {} : { signal }) };
  await withView(host, checkout, async (view) => {
    if (!isClean) {
      // An earlier try may have been killed after its files were there.
      const isAt = async (sha: string) =>
        (await view.run(["diff-index", "--quiet", sha, "--"], { okExits: [0, 1] })).exitCode === 0;
      if (state.operation === null && from !== null && !(await isAt(from)) && (await isAt(to))) return;
      throw new AoError("REFUSED", `${checkout.path} has uncommitted changes`, {
        hint: "Commit them first, or spawn a session for the pull request: `ao spawn --pr`.",
      });
    }
    await view.run(["read-tree", "-m", "-u", ...(from === null ? [] : [from]), to], limits);
  });
}

import { AoError } from "@agent-orchestrator/core/model/errors";
import type { WorkspaceCreateConfig } from "@agent-orchestrator/core/slots/workspace";
import { type Base, chooseBase } from "../git/base.ts";
import { branchInTheWay } from "../git/free-branch.ts";
import { checkBranchName, readRef } from "../git/refs.ts";
import { remoteOf } from "../git/remote.ts";
import type { Repository } from "../git/repository.ts";
import type { CheckoutHost } from "./host.ts";
import type { WorkspaceRecords } from "./records.ts";

export interface BranchPlan {
  base: Base;
  /** The branch is to be made, at `startSha`. */
  isNew: boolean;
  startSha: string;
  /** Throws REFUSED when the branch was taken since. To be called inside the repository's lock. */
  check(): Promise<void>;
}

interface PlanRequest {
  repo: Repository;
  config: Pick<WorkspaceCreateConfig, "project" | "branch" | "useExistingBranch" | "baseBranch">;
  records: WorkspaceRecords;
}

/** Where the branch comes from: a new one from its base, or an existing one as it is. Asks the remote, outside any lock. */
export async function planBranch(host: CheckoutHost, { repo, config, records }: PlanRequest): Promise<BranchPlan> {
  checkBranchName(config.branch);
  if (config.baseBranch !== undefined) checkBranchName(config.baseBranch);
  const mayUse = config.useExistingBranch === true;
  if (!mayUse) await refuseTaken(repo, config.branch);
  const branch = config.baseBranch ?? config.project.defaultBranch;
  const isSession = (await records.all()).some((record) => record.branch === branch);
  const base = await chooseBase(host, repo, { branch, preferLocal: isSession });
  const existing = mayUse ? await readRef(repo, `refs/heads/${config.branch}`) : null;
  if (existing !== null) return { base, isNew: false, startSha: existing, check: () => Promise.resolve() };
  const start = mayUse ? await remoteTip(host, repo, config.branch) : null;
  const check = () => (start === null ? refuseTaken(repo, config.branch) : Promise.resolve());
  return { base: start === null ? base : { ...base, sha: start }, isNew: true, startSha: start ?? base.sha, check };
}

async function refuseTaken(repo: Repository, branch: string): Promise<void> {
  const inTheWay = await branchInTheWay(repo, branch);
  if (inTheWay === null) return;
  const what =
    inTheWay === branch ? `branch ${branch} is taken` : `branch ${branch} cannot be made: ${inTheWay} exists`;
  throw new AoError("REFUSED", what, { hint: "Choose another with `--branch`, or delete that one." });
}

async function remoteTip(host: CheckoutHost, repo: Repository, branch: string): Promise<string | null> {
  const remote = await remoteOf(host, repo);
  return remote === null ? null : readRef(repo, `refs/remotes/${remote}/${branch}`);
}

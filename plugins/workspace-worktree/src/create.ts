import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { WorkspaceCreateConfig, WorkspaceInfo } from "@agent-orchestrator/core/slots/workspace";
import { explainFailure } from "@agent-orchestrator/plugin-kit/checkout/failures";
import { fillCheckout } from "@agent-orchestrator/plugin-kit/checkout/fill";
import type { CheckoutHost } from "@agent-orchestrator/plugin-kit/checkout/host";
import { isThere } from "@agent-orchestrator/plugin-kit/checkout/inside";
import { planBranch } from "@agent-orchestrator/plugin-kit/checkout/plan";
import { infoOf, type WorkspaceRecord, type WorkspaceRecords } from "@agent-orchestrator/plugin-kit/checkout/records";
import { undoRecord } from "@agent-orchestrator/plugin-kit/checkout/undo";
import { findWorktree, openRepository, type Repository } from "@agent-orchestrator/plugin-kit/git/repository";
import { withRepoLock } from "@agent-orchestrator/plugin-kit/repo-lock";
import { addWorktree } from "./worktree.ts";

export interface Making {
  host: CheckoutHost;
  records: WorkspaceRecords;
}

/** Branch and checkout, all or nothing. What an earlier try with the same session left is finished or undone first. */
export async function makeWorkspace(
  making: Making,
  config: WorkspaceCreateConfig,
  options: CallOptions,
): Promise<WorkspaceInfo> {
  const { host, records } = making;
  const repo = await openRepository(config.project.path);
  const earlier = await finished(making, repo, config);
  if (earlier !== null) return earlier;
  const plan = await planBranch(host, { repo, config, records });
  const record: WorkspaceRecord = {
    path: config.path,
    branch: config.branch,
    sessionId: config.sessionId,
    projectId: config.projectId,
    baseBranch: plan.base.branch,
    baseSha: plan.base.sha,
    ...(plan.base.note === null ? {} : { baseNote: plan.base.note }),
    intentId: config.intentId ?? null,
    repoPath: config.project.path,
    stage: "making",
    isOwnBranch: plan.isNew,
  };
  try {
    const checkout = await withRepoLock(repo.commonDir, async () => {
      await plan.check();
      await records.write(record);
      const startSha = plan.isNew ? plan.base.sha : null;
      return addWorktree(host, repo, {
        path: config.path,
        branch: config.branch,
        sessionId: config.sessionId,
        startSha,
      });
    });
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    const notes = await fillCheckout(host, { repo, project: config.project, checkout, sha: plan.startSha, ...signal });
    const ready: WorkspaceRecord = { ...record, notes, stage: "ready" };
    await records.write(ready);
    return infoOf(ready);
  } catch (error) {
    const written = await records.read(config.sessionId);
    if (written !== null)
      await withRepoLock(repo.commonDir, () => undoRecord(host, repo, { record: written, records }));
    options.signal?.throwIfAborted();
    throw explainFailure(error, config.branch);
  }
}

/** The result of an earlier call for this session; what did not finish is undone. Throws REFUSED for a foreign checkout. */
async function finished(
  { host, records }: Making,
  repo: Repository,
  config: WorkspaceCreateConfig,
): Promise<WorkspaceInfo | null> {
  const record = await records.read(config.sessionId);
  if (record !== null && record.stage !== "ready") {
    await withRepoLock(repo.commonDir, () => undoRecord(host, repo, { record, records }));
  }
  if (!(await isThere(config.path))) return null;
  const isSame = record?.stage === "ready" && record.path === config.path && record.branch === config.branch;
  if (isSame && (await findWorktree(repo, config.path)) !== null) return infoOf(record);
  throw new AoError("REFUSED", `there is something at ${config.path} already`, {
    hint: "Look at it, and move it away if it is not needed.",
  });
}

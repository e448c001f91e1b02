import { lstat } from "node:fs/promises";
import { dirname } from "node:path";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { InspectOptions, Workspace, WorkspaceCreateConfig } from "@agent-orchestrator/core/slots/workspace";
import { type CheckoutHost, checkoutHosts } from "@agent-orchestrator/plugin-kit/checkout/host";
import { diffCheckout, inspectCheckout } from "@agent-orchestrator/plugin-kit/checkout/inspect";
import { infoOf, type WorkspaceRecord, workspaceRecords } from "@agent-orchestrator/plugin-kit/checkout/records";
import { forgetWorktree, undoRecord } from "@agent-orchestrator/plugin-kit/checkout/undo";
import { discard, sweepTrash } from "@agent-orchestrator/plugin-kit/files/remove-tree";
import { freeBranchName } from "@agent-orchestrator/plugin-kit/git/free-branch";
import { openRepository, type Repository } from "@agent-orchestrator/plugin-kit/git/repository";
import { withRepoLock } from "@agent-orchestrator/plugin-kit/repo-lock";
import { makeWorkspace } from "./create.ts";
import { checkoutAt } from "./worktree.ts";

export function createWorktreeWorkspace(context: PluginContext | undefined): Workspace {
  const hosts = checkoutHosts(context, "worktree");
  const records = workspaceRecords(hosts.reader.stateDir);
  const swept = new Set<string>();
  const repoOf = async (path: string): Promise<Repository> => {
    const record = await records.byPath(path);
    return openRepository(record?.repoPath ?? context?.project?.path ?? path);
  };
  const sweepOnce = async (path: string) => {
    const parent = dirname(path);
    if (!swept.has(parent)) await sweepTrash(parent, hosts.reader.log);
    swept.add(parent);
  };
  const look = async (path: string, project: ProjectConfig, options: InspectOptions = {}) => {
    const repo = await openRepository(project.path);
    return { repo, project, options, checkout: await checkoutAt(repo, path) };
  };

  return {
    name: "worktree",
    async create(config, options = {}) {
      const host = await hosts.writer();
      await sweepOnce(config.path);
      return makeWorkspace({ host, records }, config, options);
    },
    async undo(config) {
      const host = await hosts.writer();
      const record = await records.read(config.sessionId);
      if (record === null) return;
      const repo = await openRepository(config.project.path);
      if (record.stage === "ready" && !(await isUntouched(host, repo, { record, config }))) return;
      await withRepoLock(repo.commonDir, () => undoRecord(host, repo, { record, records }));
    },
    async destroy(path) {
      const host = await hosts.writer();
      await sweepOnce(path);
      const repo = await repoOf(path);
      const record = await records.byPath(path);
      await withRepoLock(repo.commonDir, async () => {
        await discard(path, host.log);
        await forgetWorktree(repo, path);
        if (record !== null) await records.remove(record.sessionId);
      });
    },
    async list(projectId) {
      const ready = (await records.all()).filter(
        (record) => record.projectId === projectId && record.stage === "ready",
      );
      const there = await Promise.all(ready.map((record) => isFolder(record.path)));
      return ready.filter((_, at) => there[at]).map(infoOf);
    },
    exists: isFolder,
    async inspect(path, project, options) {
      return inspectCheckout(hosts.reader, await look(path, project, options));
    },
    async getDiff(path, project, options) {
      return diffCheckout(hosts.reader, await look(path, project, options));
    },
    async freeBranch(wanted, project, { taken = [] } = {}) {
      const promised = (await records.all()).map((record) => record.branch);
      return freeBranchName(await openRepository(project.path), wanted, [...taken, ...promised]);
    },
  };
}

const isFolder = async (path: string): Promise<boolean> =>
  (await lstat(path).catch(() => null))?.isDirectory() === true;

/** The very create that is taken back ended well, and nothing happened in its checkout since. */
async function isUntouched(
  host: CheckoutHost,
  repo: Repository,
  { record, config }: { record: WorkspaceRecord; config: WorkspaceCreateConfig },
): Promise<boolean> {
  if (record.intentId === null || record.intentId !== config.intentId || !record.isOwnBranch) return false;
  const options = record.baseSha === undefined ? {} : { baseSha: record.baseSha };
  const checkout = await checkoutAt(repo, record.path);
  const state = await inspectCheckout(host, { repo, checkout, project: config.project, options });
  return state.changedFiles === 0 && state.headSha === record.baseSha && state.operation === null;
}

import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { WorkspaceCreateConfig, WorkspaceInfo } from "@agent-orchestrator/core/slots/workspace";
import { recordRemote } from "../git/remote.ts";
import { openRepository, type Repository } from "../git/repository.ts";
import type { Checkout } from "../git/view.ts";
import { withRepoLock } from "../repo-lock.ts";
import { explainFailure } from "./failures.ts";
import { fillCheckout } from "./fill.ts";
import { isThere } from "./inside.ts";
import type { Making } from "./kind.ts";
import { setLateAside } from "./late.ts";
import { planBranch } from "./plan.ts";
import { infoOf, type WorkspaceRecord } from "./records.ts";
import { finishRemovals, settleKept } from "./remove-kept.ts";
import { restoreTree } from "./restore.ts";
import { sharedConfigOf } from "./shared-config.ts";
import { settleRecord, undoRecord } from "./undo.ts";
import { claimWorkTree } from "./work-tree.ts";

/** Branch and checkout, all or nothing. What an earlier try of the same session left is finished or undone first. */
export async function makeWorkspace(
  making: Making,
  config: WorkspaceCreateConfig,
  { signal }: CallOptions,
): Promise<WorkspaceInfo> {
  const { host, kind, records } = making;
  const repo = await openRepository(config.project.path);
  const earlier = await finishedBefore(making, repo, config);
  if (earlier !== null) return earlier;
  await recordRemote(host, repo);
  const plan = await planBranch(host, { repo, config, records });
  const { base, isNew } = plan;
  const record: WorkspaceRecord = {
    ...firstRecord(config, isNew),
    baseBranch: base.branch,
    baseSha: base.sha,
    ...(base.note === null ? {} : { baseNote: base.note }),
  };
  return allOrNothing(making, repo, {
    record,
    add: async () => {
      await plan.check();
      await records.write(record);
      // Nothing is at this path, so an entry for it belongs to a checkout that was removed by hand.
      if (config.useExistingBranch === true) await kind.forget(repo, config.path);
      const newAt = isNew ? plan.startSha : null;
      return kind.add(host, repo, { path: config.path, branch: config.branch, sessionId: config.sessionId, newAt });
    },
    fill: (checkout) => {
      const giveUp = signal === undefined ? {} : { signal };
      return fillCheckout(host, { repo, project: config.project, checkout, sha: plan.startSha, ...giveUp });
    },
  });
}

/** Restores the kept checkout exactly as it was. May be repeated after a crash. */
export async function bringBack(making: Making, config: WorkspaceCreateConfig, kept: string): Promise<WorkspaceInfo> {
  const { host, kind, records } = making;
  // What still used the checkout may have saved something since.
  await finishRemovals(making, { which: (removal) => removal.kept === kept, isCopiedInUse: true });
  const manifest = await settleKept(kept);
  if (manifest.workspace !== kind.name) {
    throw new AoError("REFUSED", `the work in ${kept} was kept from a ${manifest.workspace}, not a ${kind.name}`, {
      hint: `Set \`workspace: ${manifest.workspace}\` for the project, then try again.`,
    });
  }
  const repo = await openRepository(config.project.path);
  const late = await setStrayAside(making, repo, { config, kept });
  const earlier = await finishedBefore(making, repo, config);
  if (earlier !== null) return earlier;
  const record: WorkspaceRecord = {
    ...firstRecord(config, false),
    ...(config.baseBranch === undefined ? {} : { baseBranch: config.baseBranch }),
    ...(manifest.bases[0] === undefined ? {} : { baseSha: manifest.bases[0] }),
  };
  return allOrNothing(making, repo, {
    record,
    add: async () => {
      await records.write(record);
      return kind.bringBack(host, repo, { config, kept, manifest });
    },
    fill: async (checkout) => [
      ...(late === null ? [] : [late]),
      ...(await restoreTree(host, checkout, { kept, manifest })),
    ],
  });
}

/** What is at the place of a removed checkout, but is none: a program that went on wrote it there by its path. */
async function setStrayAside(
  { kind, records }: Making,
  repo: Repository,
  { config, kept }: { config: WorkspaceCreateConfig; kept: string },
): Promise<string | null> {
  if ((await records.read(config.sessionId)) !== null || (await records.byPath(config.path)) !== null) return null;
  const isCheckout = await kind.at(repo, config.path).then(
    () => true,
    () => false,
  );
  return isCheckout ? null : setLateAside(config.path, kept);
}

function firstRecord(config: WorkspaceCreateConfig, isOwnBranch: boolean): WorkspaceRecord {
  const { path, branch, sessionId, projectId } = config;
  const known = { path, branch, sessionId, projectId, repoPath: config.project.path };
  return { ...known, intentId: config.intentId ?? null, stage: "making", isOwnBranch };
}

interface Steps {
  record: WorkspaceRecord;
  /** Writes the record, then registers the checkout. Inside the repository's lock. */
  add(): Promise<Checkout>;
  /** Returns notes. */
  fill(checkout: Checkout): Promise<string[]>;
}

async function allOrNothing(making: Making, repo: Repository, { record, add, fill }: Steps): Promise<WorkspaceInfo> {
  const { records } = making;
  try {
    const checkout = await withRepoLock(repo.commonDir, async () => {
      const added = await add();
      await claimWorkTree(making.host, added);
      return added;
    });
    const notes = await fill(checkout);
    const sharedConfig = await sharedConfigOf(making.host, checkout);
    const ready: WorkspaceRecord = {
      ...record,
      ...(sharedConfig === null ? {} : { sharedConfig }),
      notes,
      stage: "ready",
    };
    await records.write(ready);
    return infoOf(ready);
  } catch (error) {
    await withRepoLock(repo.commonDir, async () => {
      const written = await records.read(record.sessionId);
      if (written !== null) await undoRecord(making, repo, written);
    });
    throw explainFailure(error, record.branch);
  }
}

/** The result of an earlier call for this session; what did not finish is undone. Throws REFUSED for a foreign checkout. */
async function finishedBefore(
  making: Making,
  repo: Repository,
  config: WorkspaceCreateConfig,
): Promise<WorkspaceInfo | null> {
  const found = await making.records.read(config.sessionId);
  if (found !== null) await withRepoLock(repo.commonDir, () => settleRecord(making, repo, found));
  const record = await making.records.read(config.sessionId);
  if (!(await isThere(config.path))) {
    // The folder was removed by hand. Its locked entry would block the branch and the path permanently.
    if (record !== null) await withRepoLock(repo.commonDir, () => making.kind.forget(repo, config.path));
    return null;
  }
  const isSame = record?.stage === "ready" && record.path === config.path && record.branch === config.branch;
  if (isSame) {
    await making.kind.at(repo, config.path);
    return infoOf(record);
  }
  throw new AoError("REFUSED", `something already exists at ${config.path}`, {
    hint: "Check it, and move it away if you do not need it.",
  });
}

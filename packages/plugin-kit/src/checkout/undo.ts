import { lstat, rm } from "node:fs/promises";
import { join } from "node:path";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import { discard } from "../files/remove-tree.ts";
import { readRef } from "../git/refs.ts";
import type { Repository } from "../git/repository.ts";
import { git } from "../git/run.ts";
import type { CheckoutHost } from "./host.ts";
import { isThere } from "./inside.ts";
import type { Making } from "./kind.ts";
import type { WorkspaceRecord } from "./records.ts";
import { dropWorktreeSettings } from "./worktree-settings.ts";

/**
 * Takes back what a create that did not finish made: the checkout, its entry in the repository, its branch while nobody
 * has committed to it, and the lock files of a git that was killed. Runs inside the repository's lock; may be repeated.
 */
export async function undoRecord(making: Making, repo: Repository, record: WorkspaceRecord): Promise<void> {
  const { host, kind, records } = making;
  await records.write({ ...record, stage: "undoing" });
  await discard(record.path, host.log);
  await kind.forget(repo, record.path);
  await dropWorktreeSettings(host, repo);
  if (record.isOwnBranch) await deleteBranch(host, repo, record);
  await records.remove(record.sessionId);
}

/**
 * Removes a checkout whose work is kept; its branch stays. The note comes first: a crash after the rename leaves an entry
 * that nobody would ask for again. Runs inside the repository's lock; may be repeated.
 */
export async function removeRecorded(
  { host, kind, records }: Making,
  repo: Repository,
  { path, record }: { path: string; record: WorkspaceRecord | null },
): Promise<void> {
  if (record !== null) await records.write({ ...record, stage: "removing" });
  await discard(path, host.log);
  await kind.forget(repo, path);
  await dropWorktreeSettings(host, repo);
  if (record !== null) await records.remove(record.sessionId);
}

/** Finishes what an earlier call began with this record. Runs inside the repository's lock. */
export async function settleRecord(making: Making, repo: Repository, record: WorkspaceRecord): Promise<void> {
  if (record.stage === "making" || record.stage === "undoing") return undoRecord(making, repo, record);
  if (record.stage !== "removing") return;
  // It still exists: nothing was removed, and someone may have worked in it since it was saved.
  if (await isThere(record.path)) return making.records.write({ ...record, stage: "ready" });
  return removeRecorded(making, repo, { path: record.path, record });
}

async function deleteBranch(host: CheckoutHost, repo: Repository, record: WorkspaceRecord): Promise<void> {
  const ref = `refs/heads/${record.branch}`;
  // The branch is ours alone, and no git of ours lives (see lease.ts): its lock file is a dead one's.
  await rm(join(repo.commonDir, `${ref}.lock`), { force: true });
  const sha = await readRef(repo, ref);
  if (sha === null) await rm(join(repo.commonDir, "logs", ref), { force: true });
  if (sha === null || sha !== record.baseSha) return;
  const args = ["update-ref", "-d", ref, sha];
  const where = { cwd: repo.commonDir, gitDir: repo.commonDir };
  try {
    await git(host, args, where);
  } catch (error) {
    const isLocked = isAoError(error) && /packed-refs\.lock/.test(String(error.details?.stderr));
    if (!isLocked || record.stage !== "undoing") throw error;
    await dropDeadLock(host, join(repo.commonDir, "packed-refs.lock"));
    await git(host, args, where);
  }
}

/** An earlier undo of ours was killed in this very step. A lock that a living git holds is gone within the second. */
async function dropDeadLock(host: CheckoutHost, lock: string): Promise<void> {
  const before = await lstat(lock).catch(() => null);
  await host.clock.sleep(1_000);
  const after = await lstat(lock).catch(() => null);
  if (before !== null && after?.ino === before.ino && after.mtimeMs === before.mtimeMs) await rm(lock, { force: true });
}

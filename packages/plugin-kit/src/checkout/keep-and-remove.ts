import { lstat } from "node:fs/promises";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { PreservedWork, PreserveOptions } from "@agent-orchestrator/core/slots/workspace";
import { readHead } from "../git/refs.ts";
import { openRepository } from "../git/repository.ts";
import { withRepoLock } from "../repo-lock.ts";
import { safeBases } from "./bases.ts";
import { explainFailure } from "./failures.ts";
import { readManifest } from "./kept.ts";
import type { Making } from "./kind.ts";
import { notKept } from "./not-kept.ts";
import { hasOwnGit } from "./own-git.ts";
import { preserveCheckout } from "./preserve.ts";
import { finishRemoval, removeKept, settleKept, unfinishedAt } from "./remove-kept.ts";
import { removeRecorded } from "./undo.ts";

export interface Place {
  path: string;
  project: ProjectConfig;
}

export interface RemoveRequest {
  path: string;
  project: ProjectConfig | undefined;
  /** The folder of its kept work. Null: the checkout is removed as it is. */
  kept: string | null;
}

type Start = (path: string) => Promise<Making>;

/** See `Workspace.preserve`. */
export const keepWork = (making: Start, request: Place & { options: PreserveOptions }): Promise<PreservedWork> =>
  explained(async () => keep(await making(request.path), request));

/** After a crash, the next call does the rest. The branch stays. Returns sentences for the user. */
export const removeCheckout = (making: Start, request: RemoveRequest): Promise<string[]> =>
  explained(async () => remove(await making(request.path), request));

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainFailure(error);
  }
}

async function keep(
  making: Making,
  { path, project, options: { into, dropUnreadable = false } }: Place & { options: PreserveOptions },
): Promise<PreservedWork> {
  const { kind, host, records } = making;
  const unfinished = await unfinishedAt(making, path);
  if (unfinished !== null) {
    // What is at `path` now was written by a program that went on. The work is in the kept folder, and `destroy` does the rest.
    const { bytes } = await settleKept(unfinished.kept);
    return { path: unfinished.kept, bytes };
  }
  const repo = await openRepository(project.path);
  const checkout = await kind.at(repo, path);
  const head = await readHead(kind.refsOf(repo, checkout), checkout.gitDir);
  const record = await records.byPath(path);
  const bases = await safeBases(host, { repo, checkout, head, baseSha: record?.baseSha ?? null });
  const isOwnGit = await hasOwnGit({ path, madeAt: path, gitDir: checkout.gitDir });
  const request = { workspace: kind.name, checkout, madeAt: path, head, bases, isOwnGit, into, dropUnreadable };
  return preserveCheckout(host, { ...request, sessionId: record?.sessionId ?? null });
}

async function remove(making: Making, { path, project, kept }: RemoveRequest): Promise<string[]> {
  const { kind, host, records } = making;
  const record = await records.byPath(path);
  const unfinished = await unfinishedAt(making, path);
  const repo = await openRepository(await firstFolder([record?.repoPath, unfinished?.repoPath, project?.path], path));
  return withRepoLock(repo.commonDir, async () => {
    if (unfinished !== null) {
      return finishRemoval(making, repo, { removal: unfinished, waitMs: 0, isCopiedInUse: true });
    }
    const isThere = await isFolder(path);
    if (kind.publish !== undefined && isThere) {
      // A courtesy: whoever removes has kept the work before, so what cannot be brought over is not lost.
      await kind
        .at(repo, path)
        .then((checkout) => kind.publish?.(host, repo, checkout))
        .catch((error: unknown) =>
          host.log.warn("the branch was not copied to the project", { path, error: String(error) }),
        );
    }
    if (kept !== null && isThere) return removeKept(making, repo, { path, kept });
    await removeRecorded(making, repo, { path, record });
    const manifest = kept === null ? null : await readManifest(kept);
    return manifest === null ? [] : notKept(manifest);
  });
}

/** The project may have been moved since the checkout was made. */
async function firstFolder(paths: readonly (string | undefined)[], otherwise: string): Promise<string> {
  for (const path of paths) if (path !== undefined && (await isFolder(path))) return path;
  return otherwise;
}

export const isFolder = async (path: string): Promise<boolean> =>
  (await lstat(path).catch(() => null))?.isDirectory() === true;

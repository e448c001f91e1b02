import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import { repoConfig } from "../git/config.ts";
import type { Repository } from "../git/repository.ts";
import { type Checkout, withView } from "../git/view.ts";
import { copyExtras } from "./copies.ts";
import type { CheckoutHost } from "./host.ts";
import { cleanRelative, realInside } from "./inside.ts";
import { signingNote } from "./signing.ts";
import { setSparse } from "./sparse.ts";
import { fillSubmodules } from "./submodules.ts";
import { linkShared } from "./symlinks.ts";
import { claimWorkTree } from "./work-tree.ts";
import { noteWorktreeSettings } from "./worktree-settings.ts";

export interface FillRequest {
  repo: Repository;
  project: ProjectConfig;
  checkout: Checkout;
  sha: string;
  signal?: AbortSignal;
}

/** A large repository on a slow disk takes a while, but a filter that hangs must not block permanently. */
const CHECKOUT_DEADLINE_MS = 10 * 60_000;

/** Brings the files of a commit, and all that a config adds, into an empty checkout. Answers sentences for the human. */
export async function fillCheckout(host: CheckoutHost, request: FillRequest): Promise<string[]> {
  const { repo, project, checkout } = request;
  if (project.sparse.length > 0) {
    await noteWorktreeSettings(host, repo.commonDir);
    await setSparse(host, checkout, project.sparse);
    // It may have switched `extensions.worktreeConfig` on, and with it what the repository says of its main working tree.
    await claimWorkTree(host, checkout);
  }
  await writeFiles(host, request);
  const notes = [
    ...(await fillSubmodules(host, { commonDir: repo.commonDir, path: checkout.path, signal: request.signal })),
    ...(await linkShared(project.path, checkout.path, project.symlinks)),
    ...(await copyExtras(host, {
      project: project.path,
      worktreeDir: project.worktreeDir,
      repo,
      checkout: checkout.path,
      patterns: project.copy,
    })),
    ...(await filterNote(host, repo)),
    ...(await signingNote(host, repo)),
  ];
  await checkCwd(checkout.path, project.cwd);
  return notes;
}

async function writeFiles(host: CheckoutHost, { checkout, sha, signal }: FillRequest): Promise<void> {
  const limits = { timeoutMs: CHECKOUT_DEADLINE_MS, ...(signal === undefined ? {} : { signal }) };
  await withView(host, checkout, (view) => view.run(["read-tree", "--reset", "-u", sha], limits));
}

async function filterNote(host: CheckoutHost, repo: Repository): Promise<string[]> {
  const { refusedFilters } = await repoConfig(host, repo.commonDir);
  if (refusedFilters.length === 0) return [];
  const names = refusedFilters.join(", ");
  return [`filters of the repository's own config were not run (${names}): put them into your global git config`];
}

async function checkCwd(path: string, cwd: string | null): Promise<void> {
  if (cwd === null) return;
  const name = cwd === "." ? "." : cleanRelative(cwd);
  const folder = join(path, name ?? "");
  const isFolder = name !== null && (await lstat(folder).catch(() => null))?.isDirectory() === true;
  if (isFolder && (await realInside(path, folder)) === true) return;
  throw new AoError("CONFIG", `the project's cwd ${JSON.stringify(cwd)} is not a folder of the checkout`, {
    hint: "Use a path below the repository's top folder. With `sparse`, it must be one that is checked out.",
  });
}

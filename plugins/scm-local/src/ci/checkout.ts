import { existsSync, lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { atomicReplace, ensureDir, readText, removeIfThere } from "@agent-orchestrator/core/host/files";
import { realFs } from "@agent-orchestrator/core/host/fs-port";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { type Sparse, setSparse, sparseOfMain } from "@agent-orchestrator/plugin-kit/checkout/sparse";
import { fillSubmodules } from "@agent-orchestrator/plugin-kit/checkout/submodules";
import { requireWorkTree } from "@agent-orchestrator/plugin-kit/checkout/work-tree";
import { discard } from "@agent-orchestrator/plugin-kit/files/remove-tree";
import { sshSettings } from "@agent-orchestrator/plugin-kit/git/base";
import { type ConfigEntry, listOwnConfig, repoConfig } from "@agent-orchestrator/plugin-kit/git/config";
import { isMissingObjects, isPartial, sourceSettings } from "@agent-orchestrator/plugin-kit/git/partial";
import { remoteOf } from "@agent-orchestrator/plugin-kit/git/remote";
import { git } from "@agent-orchestrator/plugin-kit/git/run";
import { borrowObjects, borrowShallow, formatSettings, setting, writeConfig } from "../borrow.ts";
import type { Desk } from "../desk.ts";
import { gitMessage, type Repository } from "../repository.ts";
import { placeOfCheckout } from "./place.ts";

/** Kept between runs, because they come from lock files, are slow to create, and rarely wrong. All other untracked files are removed. */
const CACHES = [
  "node_modules",
  ".pnpm-store",
  ".yarn/cache",
  ".venv",
  "venv",
  ".tox",
  ".mypy_cache",
  ".pytest_cache",
  ".ruff_cache",
  ".gradle",
  ".m2",
  ".cargo",
  "target",
  ".cache",
  ".turbo",
  ".next/cache",
  "vendor/bundle",
  "Pods",
  ".bundle",
];

export interface CiCheckout {
  dir: string;
  /** What a session's checkout would have and this one lacks, in words. Null if it is complete. */
  lacks: string | null;
}

/**
 * The project's checkout for CI: a separate repository that borrows the project's objects, so that nothing a command
 * does to branches, the stash or the configuration reaches the user. All runs share it. If it breaks, it is recreated.
 */
export async function prepareCheckout(desk: Desk, sha: string, signal: AbortSignal): Promise<CiCheckout> {
  const repository = await desk.repository();
  const dir = await placeOfCheckout(desk);
  const target = { dir, sha, signal, sparse: desk.project.sparse };
  if (isFolder(join(dir, ".git"))) {
    try {
      return { dir, lacks: await switchTo(repository, target) };
    } catch (error) {
      signal.throwIfAborted();
      // A new checkout would not help against a remote that does not send its objects, and the caches are worth keeping.
      if (isMissingObjects(gitMessage(error))) throw notComplete(error);
      desk.context.log.warn("recreating the CI checkout", { error: String(error).slice(0, 300) });
    }
  }
  // A container that CI started may have left files that only root can delete. They stay in the trash, and CI continues.
  await discard(dir, desk.context.log);
  ensureDir(dir);
  const format = `--object-format=${repository.objectFormat}`;
  await git(repository.host, ["init", "-q", format, "--template=", "-b", "main", "--", dir], { cwd: dir });
  try {
    return { dir, lacks: await switchTo(repository, target) };
  } catch (error) {
    throw isMissingObjects(gitMessage(error)) ? notComplete(error) : error;
  }
}

/** A command may have put a file or a link there that leads to another repository. */
const isFolder = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

function notComplete(cause: unknown): AoError {
  const [line = ""] = gitMessage(cause).trim().split("\n").slice(-1);
  return new AoError("UNREACHABLE", `objects of this partial clone could not be fetched: ${line}`, {
    hint: "CI tries again. Run `git fetch` in the project to see what is wrong.",
    cause,
  });
}

interface Target {
  dir: string;
  sha: string;
  signal: AbortSignal;
  /** The project's `sparse`. */
  sparse: readonly string[];
}

/** Returns what is missing, in words. */
async function switchTo(repository: Repository, target: Target): Promise<string | null> {
  const { host, commonDir } = repository;
  const { dir, sha, signal } = target;
  const gitDir = join(dir, ".git");
  const { leaseFd: _lease, ...reader } = host;
  // Nothing else works here while we hold the repository's turn, so a lock was left by a killed run.
  removeIfThere(realFs, join(gitDir, "index.lock"));
  const sparse = target.sparse.length > 0 ? null : await sparseOfMain(host, commonDir);
  // Each time, because the project's folder may have been moved.
  borrowObjects(gitDir, repository.objectsDir);
  borrowShallow(gitDir, commonDir);
  borrowInfo(gitDir, commonDir);
  writeConfig(gitDir, await ciConfig(repository, sparse));
  followSparse(gitDir, target, sparse);
  await requireWorkTree(reader, dir);
  const extraEnv = await sshSettings(reader, repository);
  const options = { cwd: dir, extraEnv, signal, timeoutMs: 300_000 };
  const run = (...args: string[]) => git(reader, args, options);
  if (target.sparse.length > 0) await setSparse(reader, { path: dir, gitDir }, target.sparse);
  await run("checkout", "-q", "--force", "--detach", "--no-recurse-submodules", sha);
  await run("reset", "-q", "--hard", "--no-recurse-submodules");
  const clean = ["clean", "-q", "-ffdx", ...CACHES.flatMap((name) => ["-e", name])];
  await run(...clean);
  if (!existsSync(join(dir, ".gitmodules"))) return null;
  // Those that the user has are next to the borrowed objects, so most need no fetching.
  const settings = ["submodule.alternateLocation=superproject", "submodule.alternateErrorStrategy=info"];
  const [problem] = await fillSubmodules(reader, { commonDir, path: dir, settings, signal });
  await run("submodule", "--quiet", "foreach", "--recursive", "git", ...clean);
  return problem ?? null;
}

/** Attributes and excludes that apply to all working trees of the project, but are in none of its commits. */
function borrowInfo(gitDir: string, commonDir: string): void {
  ensureDir(join(gitDir, "info"));
  for (const name of ["attributes", "exclude"]) {
    const from = join(commonDir, "info", name);
    if (existsSync(from)) atomicReplace(join(gitDir, "info", name), readFileSync(from));
    else removeIfThere(realFs, join(gitDir, "info", name));
  }
}

/** Settings of the project's repository that decide what its files look like. */
const SHAPING =
  /^(?:core\.(?:filemode|symlinks|ignorecase|precomposeunicode|autocrlf|eol|longpaths)|filter\.lfs\..+|lfs\..+)$/;
/** Which submodules exist, without any command that would run for one. */
const MODULES = /^submodule\.(?:active|.+\.(?:url|active))$/;

/**
 * Rewritten for each run, so that no setting of an earlier run remains. The remote's address is needed for objects that
 * a partial clone left there, and for submodules with addresses relative to it.
 */
async function ciConfig(repository: Repository, sparse: Sparse | null): Promise<ConfigEntry[]> {
  const { host, commonDir, objectFormat, path } = repository;
  const [config, all, remote] = await Promise.all([
    repoConfig(host, commonDir),
    listOwnConfig(host, commonDir),
    remoteOf(host, repository),
  ]);
  const modules = all.filter(({ key }) => MODULES.test(key));
  const source = sourceSettings(config).filter(({ key }) => isPartial(config) || !key.startsWith("remote."));
  const address = config.own.findLast(({ key }) => key === `remote.${remote}.url`)?.value;
  const origin = [
    setting("remote.origin.url", address ?? path),
    // A command that pushes must not reach the remote.
    setting("remote.origin.pushurl", "no-push://ci"),
  ];
  return [
    ...formatSettings(objectFormat, false),
    ...config.own.filter(({ key }) => SHAPING.test(key)),
    ...source,
    ...origin,
    ...modules,
    ...(sparse?.settings ?? []),
  ];
}

/** A checkout that becomes sparse, or full again, drops its index, so that git writes all files that belong there. */
function followSparse(gitDir: string, { sparse: own }: Target, sparse: Sparse | null): void {
  removeIfThere(realFs, join(gitDir, "config.worktree"));
  if (own.length > 0) return;
  const file = join(gitDir, "info", "sparse-checkout");
  const before = readText(file);
  const wanted = sparse?.patterns ?? null;
  if (before === wanted) return;
  removeIfThere(realFs, join(gitDir, "index"));
  if (wanted === null) removeIfThere(realFs, file);
  else atomicReplace(file, wanted);
}

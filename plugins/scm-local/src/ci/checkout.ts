import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { discard } from "@agent-orchestrator/plugin-kit/files/remove-tree";
import { git } from "@agent-orchestrator/plugin-kit/git/run";
import type { Desk } from "../desk.ts";
import { borrowObjects, type Repository, shallowEnv } from "../repository.ts";

/** Kept between runs: made from lock files, slow to make again, and rarely wrong. Everything else untracked goes. */
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

/**
 * The project's checkout for CI: a repository of its own that borrows the project's objects, so that nothing a command
 * does to branches, the stash or the configuration reaches the user. One for all runs; broken, it is made anew.
 */
export async function prepareCheckout(desk: Desk, sha: string, signal: AbortSignal): Promise<string> {
  const repository = await desk.repository();
  const dir = join(desk.context.stateDir, "ci", "checkout");
  if (existsSync(join(dir, ".git"))) {
    try {
      await switchTo(repository, { dir, sha, signal });
      return dir;
    } catch (error) {
      signal.throwIfAborted();
      desk.context.log.warn("the CI checkout is made anew", { error: String(error).slice(0, 300) });
    }
  }
  // A container that CI started may have left files that only root can delete: they wait in the trash, and CI goes on.
  await discard(dir, desk.context.log);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const format = `--object-format=${repository.objectFormat}`;
  await git(repository.host, ["init", "-q", format, "--template=", "-b", "main", "--", dir], { cwd: dir });
  borrowObjects(join(dir, ".git"), repository.objectsDir);
  await switchTo(repository, { dir, sha, signal });
  return dir;
}

interface Target {
  dir: string;
  sha: string;
  signal: AbortSignal;
}

async function switchTo({ host, commonDir }: Repository, { dir, sha, signal }: Target): Promise<void> {
  const options = { cwd: dir, extraEnv: shallowEnv(commonDir), signal, timeoutMs: 300_000 };
  const run = (...args: string[]) => git(host, args, options);
  // Nobody else works here while we hold the repository's turn: a lock is what a killed run left.
  rmSync(join(dir, ".git", "index.lock"), { force: true });
  await run("checkout", "-q", "--force", "--detach", "--no-recurse-submodules", sha);
  await run("reset", "-q", "--hard");
  await run("clean", "-q", "-ffdx", ...CACHES.flatMap((name) => ["-e", name]));
}

import { lstat, rm } from "node:fs/promises";
import { join } from "node:path";
import { throughAsync } from "@agent-orchestrator/core/host/guarded";
import { makeFolder, readOwn } from "../files/folders.ts";
import { writeDurable } from "../files/write-durable.ts";
import { listOwnConfig } from "../git/config.ts";
import { linkedWorktrees, type Repository } from "../git/repository.ts";
import { git } from "../git/run.ts";
import type { CheckoutHost } from "./host.ts";

const EXTENSION = "extensions.worktreeconfig";
const noteOf = (host: CheckoutHost): string => join(host.stateDir, "worktree-settings");

/**
 * Before git is asked for a sparse checkout, which switches `extensions.worktreeConfig` on for the whole repository: notes that it
 * was off, so that `dropWorktreeSettings` can switch it off again.
 */
export async function noteWorktreeSettings(host: CheckoutHost, commonDir: string): Promise<void> {
  const entries = await listOwnConfig(host, commonDir);
  if (entries.some(({ key }) => key === EXTENSION)) return;
  await makeFolder(host.stateDir);
  await writeDurable(noteOf(host), `${commonDir}\n`);
}

/** After a checkout was removed: switches the extension off if a checkout switched it on and no other working tree has settings. */
export async function dropWorktreeSettings(host: CheckoutHost, repo: Repository): Promise<void> {
  const { commonDir } = repo;
  if ((await readOwn(noteOf(host)))?.trim() !== commonDir) return;
  const folders = [commonDir, ...(await linkedWorktrees(repo)).map(({ gitDir }) => gitDir)];
  const used = await Promise.all(folders.map((folder) => lstat(join(folder, "config.worktree")).catch(() => null)));
  if (used.some((found) => found !== null)) return;
  const args = ["config", "--file", join(commonDir, "config"), "--unset-all", EXTENSION];
  await git(host, args, { cwd: commonDir, gitDir: commonDir, okExits: [0, 5] }); // 5: it was not set
  await throughAsync(noteOf(host), (at) => rm(at, { force: true }));
}

import { lstat, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { isErrno } from "../files/read-small.ts";
import { repoConfig } from "../git/config.ts";
import { type GitHost, git } from "../git/run.ts";
import type { Checkout } from "../git/view.ts";

/**
 * Makes plain git in this checkout work on the checkout's own files. With `core.worktree` in the repository's config and
 * `extensions.worktreeConfig` on, git in a linked worktree works on the main one, so `git reset --hard` there would destroy the
 * user's edits. Only the checkout's own settings are written, and they also hold if the extension is switched on later.
 * Throws REFUSED if git still looks elsewhere.
 */
export async function claimWorkTree(host: GitHost, checkout: Checkout): Promise<void> {
  const isLinked = checkout.gitDir !== checkout.commonDir;
  const hasMain = isLinked && (await repoConfig(host, checkout.commonDir)).workTree !== null;
  let found = await workTreeAt(host, checkout.path);
  if (found.isOwn && !hasMain) return;
  for (const name of isLinked ? ["config.worktree"] : ["config", "config.worktree"]) {
    await writeClaim(host, checkout, name);
    found = await workTreeAt(host, checkout.path);
    if (found.isOwn) return;
  }
  throw new AoError("REFUSED", `git in the checkout ${checkout.path} would not work on its own files: ${found.why}`, {
    hint: `Run \`git config --show-origin --get-all core.worktree\` in ${checkout.commonDir}, and correct what it shows.`,
  });
}

/** Throws REFUSED if git in this folder would work on files elsewhere. */
export async function requireWorkTree(host: GitHost, path: string): Promise<void> {
  const { isOwn, why } = await workTreeAt(host, path);
  if (isOwn) return;
  throw new AoError("REFUSED", `git in ${path} would not work on its own files: ${why}`, {
    hint: `Run \`git config --show-origin --get-all core.worktree\` in ${path}, and correct what it shows.`,
  });
}

/** Asks git as an agent would: it finds the git folder by itself, and obeys the repository's settings. */
async function workTreeAt(host: GitHost, path: string): Promise<{ isOwn: boolean; why: string }> {
  const options = { cwd: path, timeoutMs: 10_000, okExits: [0, 128] };
  const { stdout, stderr, exitCode } = await git(host, ["rev-parse", "--show-toplevel"], options);
  const top = stdout.replace(/\n$/, "");
  if (exitCode !== 0 || top === "") {
    const [line = ""] = stderr.split("\n");
    return { isOwn: false, why: line.replace(/^fatal: /, "") || "it finds no working tree" };
  }
  const [own, other] = await Promise.all([path, top].map((folder) => stat(folder).catch(() => null)));
  const isOwn = own != null && own.dev === other?.dev && own.ino === other.ino;
  return { isOwn, why: `it works on ${top}` };
}

async function writeClaim(host: GitHost, { commonDir, gitDir, path }: Checkout, name: string): Promise<void> {
  const file = join(gitDir, name);
  const found = await lstat(file).catch((error: unknown) => {
    if (isErrno(error, "ENOENT")) return null;
    throw error;
  });
  // A link would lead the write to a file of somebody else.
  if (found?.isSymbolicLink() === true) await rm(file);
  const where = { cwd: commonDir, gitDir };
  for (const [key, value] of [
    ["core.worktree", path],
    ["core.bare", "false"],
  ] as const) {
    await git(host, ["config", "--file", file, "--replace-all", key, value], where);
  }
}

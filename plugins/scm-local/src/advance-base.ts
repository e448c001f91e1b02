import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { gitMessage } from "./git.ts";
import { someOf } from "./readiness.ts";
import type { Repository } from "./repository.ts";

export interface Advance {
  branch: string;
  from: string;
  to: string;
  /** For the reflog. */
  reason: string;
}

/**
 * Moves a base on to a descendant. Where it is checked out it moves together with that tree, as a fast-forward that git
 * itself refuses to make over anybody's edits: either all of it happens, or nothing.
 */
export async function advanceBase(repository: Repository, advance: Advance): Promise<void> {
  const ref = `refs/heads/${advance.branch}`;
  const { checkouts, busy } = await whereIs(repository, ref);
  if (busy !== null) {
    throw new AoError("REFUSED", `${advance.branch} is in the middle of a rebase or bisect in ${busy}`, {
      hint: "Finish or abort it there, then merge again.",
    });
  }
  const [checkout, second] = checkouts;
  if (checkout === undefined) {
    await repository.git(["update-ref", "-m", advance.reason, ref, advance.to, advance.from]);
    return;
  }
  if (second !== undefined) {
    throw new AoError("REFUSED", `${advance.branch} is checked out twice: ${checkout} and ${second}`, {
      hint: "Switch one of them to another branch.",
    });
  }
  await fastForward(repository, checkout, advance);
}

async function fastForward({ git, refs }: Repository, checkout: string, advance: Advance): Promise<void> {
  const options = ["--ff-only", "--no-autostash", "--no-overwrite-ignore", "--no-stat", "--no-verify-signatures", "-q"];
  // Git only fast-forwards what is checked out there at this moment.
  const head = await git.line(["symbolic-ref", "-q", "HEAD"], { cwd: checkout, okExits: [0, 1] });
  if (head !== `refs/heads/${advance.branch}`) throw switched(checkout);
  try {
    const env = { GIT_REFLOG_ACTION: advance.reason };
    await git(["merge", ...options, advance.to], { cwd: checkout, env, timeoutMs: 300_000 });
  } catch (error) {
    throw inTheWay(checkout, advance, error);
  }
  if (refs.read(`refs/heads/${advance.branch}`)?.sha !== advance.to) throw switched(checkout);
}

const switched = (checkout: string) =>
  new AoError("TRY_AGAIN", `${checkout} was switched or moved on meanwhile`, { hint: "Merge again." });

function inTheWay(checkout: string, { branch }: Advance, cause: unknown): AoError {
  const text = gitMessage(cause);
  const files = [...text.matchAll(/^\t(.+)$/gm)].map((match) => match[1] ?? "");
  if (files.length > 0) {
    return new AoError("REFUSED", `your changes in ${checkout} would be overwritten: ${someOf(files, 10)}`, {
      hint: `Commit, stash or move them, then merge again. Nothing was changed.`,
      cause,
      details: { files, checkout },
    });
  }
  const why =
    text
      .replace(/^(error|fatal): /gm, "")
      .trim()
      .split("\n")[0] ?? "";
  return new AoError("REFUSED", `${branch} could not be moved on in ${checkout}: ${why}`, {
    hint: "Look at `git status` there. Nothing was changed.",
    cause,
  });
}

interface Where {
  checkouts: string[];
  /** A checkout in which an operation will write this branch when it ends. */
  busy: string | null;
}

async function whereIs(repository: Repository, ref: string): Promise<Where> {
  const { stdout } = await repository.git(["worktree", "list", "--porcelain", "-z"]);
  const trees = stdout.split("\0\0").map((block) => block.split("\0"));
  const where: Where = { checkouts: [], busy: null };
  for (const lines of trees) {
    const path = lines.find((line) => line.startsWith("worktree "))?.slice("worktree ".length);
    if (path === undefined || lines.includes("bare") || !existsSync(path)) continue;
    if (lines.includes(`branch ${ref}`)) where.checkouts.push(path);
    if (isBusyWith(path, ref)) where.busy = path;
  }
  return where;
}

function isBusyWith(checkout: string, ref: string): boolean {
  const gitDir = gitDirOf(checkout);
  const short = ref.slice("refs/heads/".length);
  return (
    ["rebase-merge/head-name", "rebase-apply/head-name"].some((name) => readOr(join(gitDir, name)) === ref) ||
    readOr(join(gitDir, "BISECT_START")) === short
  );
}

function gitDirOf(checkout: string): string {
  const pointer = /^gitdir: (.+)$/m.exec(readOr(join(checkout, ".git")))?.[1];
  return pointer === undefined ? join(checkout, ".git") : resolve(checkout, pointer);
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    // Not there, or a folder: no such operation, or a main checkout.
    return "";
  }
}

import { copyFileSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { repoConfig } from "@agent-orchestrator/plugin-kit/git/config";
import { type Checkout, type View, withView } from "@agent-orchestrator/plugin-kit/git/view";
import { refuseLostWorkTree } from "@agent-orchestrator/plugin-kit/git/work-trees";
import { whereIs } from "./checkouts.ts";
import { someOf } from "./readiness.ts";
import { gitMessage, type Repository } from "./repository.ts";

export interface Advance {
  branch: string;
  from: string;
  to: string;
  /** For the reflog. */
  reason: string;
}

/**
 * Advances a base to a descendant. Where it is checked out, that working tree advances with it in a fast-forward, which git
 * itself refuses if it would overwrite edits. Either all of it happens, or nothing.
 */
export async function advanceBase(repository: Repository, advance: Advance): Promise<void> {
  const { checkouts, busy } = await whereIs(repository, advance.branch);
  if (busy !== null) {
    throw new AoError("REFUSED", `${advance.branch} cannot be advanced during the ${busy}`, {
      hint: "Finish or abort it there, then merge again.",
    });
  }
  const [checkout, second] = checkouts;
  if (checkout === undefined) {
    await refuseLostWorkTree(repository.host, repository, advance.branch);
    const ref = `refs/heads/${advance.branch}`;
    await repository.git(["update-ref", "--create-reflog", "-m", advance.reason, ref, advance.to, advance.from]);
    return;
  }
  if (second !== undefined) {
    throw new AoError("REFUSED", `${advance.branch} is checked out twice: ${checkout.path} and ${second.path}`, {
      hint: "Switch one of them to another branch.",
    });
  }
  await withView(repository.host, checkout, async (view) => {
    linkLogs(view, checkout);
    await refuseUnknownFilters(repository, { view, checkout, advance });
    await rehearseIndex(repository, { view, checkout, advance });
    await fastForward(view, checkout, advance);
  });
  if (repository.refs.read(`refs/heads/${advance.branch}`)?.sha !== advance.to) {
    throw new AoError("TRY_AGAIN", `${checkout.path} changed in the meantime`, { hint: "Merge again." });
  }
}

/** Records the move in the user's own reflogs, where they look for it. */
function linkLogs(view: View, checkout: Checkout): void {
  mkdirSync(join(view.dir, "logs"));
  const common = join(checkout.commonDir, "logs", "refs");
  if (existsSync(common)) symlinkSync(common, join(view.dir, "logs", "refs"));
  const head = join(checkout.gitDir, "logs", "HEAD");
  if (existsSync(head)) symlinkSync(head, join(view.dir, "logs", "HEAD"));
}

interface Move {
  view: View;
  checkout: Checkout;
  advance: Advance;
}

/**
 * A filter in the repository's own config names a program that an agent may have put there, so it is not run. Files
 * that need it would be written wrongly.
 */
async function refuseUnknownFilters(repository: Repository, { view, checkout, advance }: Move): Promise<void> {
  const { refusedFilters } = await repoConfig(repository.host, checkout.commonDir, checkout.gitDir);
  if (refusedFilters.length === 0) return;
  const range = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", advance.from, advance.to];
  const names = (await view.run(range)).stdout;
  const { stdout } = await view.run(["check-attr", "-z", "--stdin", "filter"], { input: names });
  const parts = stdout.split("\0");
  const files = parts.filter((_, at) => at % 3 === 0 && refusedFilters.includes(parts[at + 2] ?? ""));
  if (files.length === 0) return;
  throw new AoError(
    "REFUSED",
    `${someOf(files)}: needs a filter that is defined only in this repository's .git/config`,
    {
      hint: `Run \`git merge --ff-only ${advance.to}\` in ${checkout.path}.`,
      details: { files, filters: refusedFilters },
    },
  );
}

/**
 * The merge replaces the user's index, and staged work with it. So it first writes that index to a private file, which
 * git must be able to read in the user's own git folder, with their own settings.
 */
async function rehearseIndex(repository: Repository, { view, checkout, advance }: Move): Promise<void> {
  const indexFile = join(view.dir, "next-index");
  const mine = join(checkout.gitDir, "index");
  if (existsSync(mine)) copyFileSync(mine, indexFile);
  const move = ["read-tree", "-m", "-i", advance.from, advance.to];
  const { exitCode } = await view.run(move, { indexFile, okExits: [0, 128], timeoutMs: 300_000 });
  if (exitCode !== 0) return; // Staged changes are in the way. The merge itself names them, and changes nothing.
  try {
    const where = { cwd: checkout.path, gitDir: checkout.gitDir, workTree: checkout.path, indexFile };
    await repository.git(["ls-files", "--unmerged"], where);
  } catch (cause) {
    throw new AoError("REFUSED", `git could not read the index that the merge would leave in ${checkout.path}`, {
      hint: `Nothing was changed. Run \`git merge --ff-only ${advance.to}\` in ${checkout.path}.`,
      cause,
    });
  }
}

async function fastForward(view: View, checkout: Checkout, advance: Advance): Promise<void> {
  const settings = ["merge.autoStash=false", "merge.verifySignatures=false", "submodule.recurse=false"];
  const options = ["--ff-only", "--no-autostash", "--no-overwrite-ignore", "--no-stat", "--no-verify-signatures", "-q"];
  const args = [...settings.flatMap((setting) => ["-c", setting]), "merge", ...options, advance.to];
  try {
    await view.run(args, { extraEnv: { GIT_REFLOG_ACTION: advance.reason }, timeoutMs: 300_000 });
  } catch (error) {
    throw inTheWay(checkout, advance, error);
  }
}

function inTheWay({ path }: Checkout, { branch }: Advance, cause: unknown): AoError {
  const text = gitMessage(cause);
  const files = [...text.matchAll(/^\t(.+)$/gm)].map((match) => match[1] ?? "");
  if (files.length > 0) {
    return new AoError("REFUSED", `your changes in ${path} would be overwritten: ${someOf(files, 10)}`, {
      hint: "Commit, stash or move them, then merge again. Nothing was changed.",
      cause,
      details: { files, checkout: path },
    });
  }
  const why = text
    .replace(/^(?:error|fatal): /gm, "")
    .trim()
    .split("\n")[0];
  return new AoError("REFUSED", `${branch} could not be advanced in ${path}: ${why}`, {
    hint: "Run `git status` there. Nothing was changed.",
    cause,
  });
}

import { copyFile, lstat } from "node:fs/promises";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { DiffOptions, InspectOptions, WorkspaceState } from "@agent-orchestrator/core/slots/workspace";
import { isErrno } from "../files/read-small.ts";
import { defaultBranch } from "../git/base.ts";
import { operationOf } from "../git/operation.ts";
import { type Head, readHead, readRef, trackedRemotes } from "../git/refs.ts";
import { remoteOf } from "../git/remote.ts";
import type { Repository } from "../git/repository.ts";
import type { GitHost } from "../git/run.ts";
import { type Checkout, type View, withView } from "../git/view.ts";
import { cleanRelative } from "./inside.ts";
import { newCommits } from "./new-commits.ts";

export interface InspectRequest {
  /** The repository that the checkout's branch lives in. */
  repo: Repository;
  /** The project's repository, whose base branch a merge moves. */
  into: Repository;
  checkout: Checkout;
  project: ProjectConfig;
  options: InspectOptions;
}

interface DiffRequest extends InspectRequest {
  options: DiffOptions;
  /** The base is no longer the branch that the checkout was made from. */
  isRebased: boolean;
}

/** Looks into submodules no further than at their commit: their own config is not ours to obey. */
const STATUS = ["status", "--porcelain=v1", "-z", "--untracked-files=all", "--ignore-submodules=dirty", "--no-renames"];

export async function inspectCheckout(host: GitHost, request: InspectRequest): Promise<WorkspaceState> {
  const { repo, checkout, project, options } = request;
  const [head, operation] = await Promise.all([readHead(repo, checkout.gitDir), operationOf(checkout.gitDir)]);
  const told = await fromLog(checkout, head, options.known);
  if (told !== null) return { ...told, branch: head.branch, headSha: head.sha, operation };
  return withView(host, checkout, async (view) => {
    const changedFiles = await countChanges(view, checkout.path, project);
    const isAtBase = head.sha === null || head.sha === options.baseSha;
    const commitsAhead = isAtBase ? 0 : await countAhead(host, view, request);
    const unpushed = commitsAhead > 0 && (await trackedRemotes(repo)).length > 0;
    return {
      branch: head.branch,
      headSha: head.sha,
      commitsAhead,
      changedFiles,
      unpushedCommits: unpushed ? await count(view, ["HEAD", "--not", "--remotes"]) : commitsAhead,
      operation,
    };
  });
}

/** What HEAD's log tells of a checkout that was looked at before. Null: git has to be asked. */
async function fromLog(
  { gitDir }: Checkout,
  { branch, sha }: Head,
  known: InspectOptions["known"],
): Promise<Pick<WorkspaceState, "commitsAhead" | "changedFiles" | "unpushedCommits"> | null> {
  if (known === undefined || known.headSha === null || sha === null || branch !== known.branch) return null;
  const added = await newCommits(gitDir, { from: known.headSha, to: sha });
  if (added === null) return null;
  const { commitsAhead, changedFiles, unpushedCommits } = known;
  return { commitsAhead: commitsAhead + added, changedFiles, unpushedCommits: unpushedCommits + added };
}

async function countChanges(view: View, path: string, project: ProjectConfig): Promise<number> {
  const { stdout } = await view.run(STATUS, { timeoutMs: 60_000, encoding: "latin1" });
  const changes = stdout.split("\0").filter((line) => line !== "");
  const links = new Set(project.symlinks.map((link) => cleanRelative(link)));
  const counted = await Promise.all(
    changes.map(async (line) => {
      const name = line.slice(3);
      // A shared folder that `.gitignore` names with a slash at its end is not ignored as a link. It is ours, not work.
      if (!line.startsWith("??") || !links.has(name)) return true;
      return (await lstat(join(path, name)).catch(() => null))?.isSymbolicLink() !== true;
    }),
  );
  return counted.filter(Boolean).length;
}

/** Commits that neither the base branch has nor the session began with. */
async function countAhead(host: GitHost, view: View, request: InspectRequest): Promise<number> {
  const bases = await baseCommits(host, request);
  return bases.length === 0 ? 0 : count(view, ["HEAD", "--not", ...bases], objectsOf(request));
}

/**
 * The tip of the local branch that a merge would move, or what a forge merges into; then where the session began. What only a remote has is part of the
 * change: a merge brings it into that branch, and an agent can add remotes and write their refs.
 */
async function baseCommits(host: GitHost, { into, options }: InspectRequest): Promise<string[]> {
  const branch = options.baseBranch ?? (await defaultBranch(host, into));
  const tip = await readRef(into, `refs/heads/${branch}`);
  const { forge, baseSha = null } = options;
  const wanted = forge === undefined ? [tip, baseSha] : [forge.baseSha, baseSha, tip];
  const known = wanted.filter((sha) => sha !== null);
  if (known.length > 0) return [...new Set(known)];
  const remote = await remoteOf(host, into);
  const tracked = remote === null ? null : await readRef(into, `refs/remotes/${remote}/${branch}`);
  return tracked === null ? [] : [tracked];
}

/** A checkout with its own repository may lack what the project's base branch has since. */
const objectsOf = ({ into, checkout }: InspectRequest): Record<string, string> =>
  into.commonDir === checkout.commonDir
    ? {}
    : // Quoted, because git splits the list at colons.
      { GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(join(into.commonDir, "objects")) };

async function count(view: View, revs: string[], extraEnv: Record<string, string> = {}): Promise<number> {
  const { stdout } = await view.run(["rev-list", "--count", ...revs, "--"], { extraEnv });
  return Number(stdout.trim());
}

/** The difference from the merge base to the working copy, files that git does not know yet included. */
export async function diffCheckout(host: GitHost, request: DiffRequest): Promise<string> {
  const { checkout, options } = request;
  const bases = options.isStaged === true ? [] : await baseCommits(host, request);
  return withView(host, checkout, async (view) => {
    const indexFile = join(view.dir, "index");
    await copyFile(join(checkout.gitDir, "index"), indexFile).catch((error: unknown) => {
      if (!isErrno(error, "ENOENT")) throw error; // Nothing was ever staged, so an empty index is right.
    });
    if (options.isStaged === true) return diff(view, { indexFile, what: "--cached", options });
    const from = await mergeBase(view, bases, request);
    // Only notes the names down: no content is read, and so no filter runs.
    await view.run(["add", "--intent-to-add", "--ignore-errors", "--", "."], { indexFile, okExits: [0, 1, 128] });
    return diff(view, { indexFile, what: from, options });
  });
}

const DIFF = ["--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=dirty"];

async function diff(view: View, wanted: { indexFile: string; what: string; options: DiffOptions }): Promise<string> {
  const { indexFile, what, options } = wanted;
  const { statColumns, isForDisplay = false, hasBinaries = false, encoding = "utf8", paths = [], signal } = options;
  const patch = [...(isForDisplay ? [] : ["--submodule=short"]), ...(hasBinaries ? ["--binary"] : [])];
  const form = statColumns === undefined ? patch : [`--stat=${statColumns}`];
  const limits = { indexFile, timeoutMs: 60_000, isForDisplay, encoding, ...(signal === undefined ? {} : { signal }) };
  return (await view.run(["diff", ...DIFF, ...form, what, "--", ...paths], limits)).stdout;
}

async function mergeBase(view: View, bases: string[], request: DiffRequest): Promise<string> {
  // The branch that this one was built on was finished, and its commits may be in the new base as others.
  const together = request.isRebased && bases.length > 1 ? [bases] : [];
  for (const others of [...together, ...bases.map((base) => [base])]) {
    const options = { okExits: [0, 1, 128], extraEnv: objectsOf(request) };
    const { stdout, exitCode } = await view.run(["merge-base", "HEAD", ...others], options);
    if (exitCode === 0) return stdout.trim();
  }
  // A forge's commit may not be here yet.
  const known = bases.find((base) => base !== request.options.forge?.baseSha);
  if (known !== undefined) return known;
  throw new AoError("NOT_FOUND", "there is no base to compare this checkout with");
}

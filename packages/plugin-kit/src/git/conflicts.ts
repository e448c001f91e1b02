import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Conflicts } from "@agent-orchestrator/core/model/pull-request";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import { fetchBranch } from "./base.ts";
import { remoteOf } from "./remote.ts";
import { openRepository, type Repository } from "./repository.ts";
import type { GitHost, GitOptions } from "./run.ts";
import { type View, withView } from "./view.ts";

export interface Ends extends CallOptions {
  headSha: string;
  baseSha: string;
  branch: string;
  baseBranch: string;
}

const MAX_FILES = 30;
const MAX_COMMITS = 10;
const TIMEOUT_MS = 10_000;

/**
 * What two commits conflict in, by a merge that nobody sees: it needs git 2.38, and leaves no object, ref or file behind. Commits
 * that are not here are fetched from the remote. Throws if it can't tell.
 */
export async function findConflicts(host: GitHost, path: string, ends: Ends): Promise<Conflicts> {
  ends.signal?.throwIfAborted();
  const repo = await openRepository(path);
  const { commonDir } = repo;
  await fetchMissing(host, repo, ends);
  return withView(host, { commonDir, gitDir: commonDir, path: commonDir }, async (view) => {
    const objects = join(view.dir, "written");
    await mkdir(objects);
    const lent = {
      GIT_OBJECT_DIRECTORY: objects,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(join(commonDir, "objects")),
    };
    return compare((args, options) => run(view, ends, args, { extraEnv: lent, ...options }), ends);
  });
}

/** Paths with a colon, which separates them, are quoted. */
const quoted = (path: string): string => (path.includes(":") ? JSON.stringify(path) : path);

// biome-ignore lint/complexity/useMaxParams: as `view.run`, with the deadline
const run = async (view: View, { signal }: CallOptions, args: readonly string[], options: GitOptions = {}) =>
  (await view.run(args, { timeoutMs: TIMEOUT_MS, ...(signal === undefined ? {} : { signal }), ...options })).stdout;

async function compare(
  ask: (args: readonly string[], options?: GitOptions) => Promise<string>,
  { headSha, baseSha }: Ends,
): Promise<Conflicts> {
  const flags = ["--write-tree", "-z", "--name-only", "--no-messages"];
  const merged = await ask(["merge-tree", ...flags, baseSha, headSha], { okExits: [0, 1] });
  const files = [...new Set(merged.split("\0").slice(1))].filter((name) => name !== "");
  const parted = (await ask(["merge-base", baseSha, headSha])).trim();
  const range = `${parted}..${baseSha}`;
  const commitCount = Number((await ask(["rev-list", "--count", range, "--"])).trim());
  const shown = files.slice(0, MAX_FILES);
  const log = ["log", "-z", "--format=%h %s", `--max-count=${MAX_COMMITS}`, range, "--", ...shown];
  const lines = shown.length === 0 ? "" : await ask(["--literal-pathspecs", ...log]);
  return {
    files: shown.map((name) => oneLine(name, 300)),
    fileCount: files.length,
    commits: lines
      .split("\0")
      .filter((line) => line !== "")
      .map((line) => oneLine(line, 120)),
    commitCount,
  };
}

async function fetchMissing(host: GitHost, repo: Repository, ends: Ends): Promise<void> {
  const wanted = [
    { sha: ends.baseSha, branch: ends.baseBranch },
    { sha: ends.headSha, branch: ends.branch },
  ];
  for (const { sha, branch } of wanted) {
    if (await isHere(host, repo, sha)) continue;
    const remote = await remoteOf(host, repo);
    const problem =
      remote === null ? "there is no remote" : await fetchBranch(host, repo, { remote, branch, isNow: true });
    if (problem === null && (await isHere(host, repo, sha))) continue;
    throw new AoError(
      "UNREACHABLE",
      `${sha.slice(0, 12)} of ${branch} is not here: ${problem ?? "it was not fetched"}`,
    );
  }
}

const isHere = (host: GitHost, { commonDir }: Repository, sha: string): Promise<boolean> =>
  withView(host, { commonDir, gitDir: commonDir, path: commonDir }, async (view) => {
    const { exitCode } = await view.run(["cat-file", "-e", `${sha}^{commit}`], { okExits: [0, 1, 128] });
    return exitCode === 0;
  });

import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import { readRef } from "@agent-orchestrator/plugin-kit/git/refs";
import { openRepository } from "@agent-orchestrator/plugin-kit/git/repository";
import { git } from "@agent-orchestrator/plugin-kit/git/run";
import type { Desk } from "./desk.ts";
import { gitHostOf, requireRemote } from "./push.ts";

const TIMEOUT_MS = 120_000;

interface Wanted {
  number: number;
  /** The branch of the project's repository that gets its newest commit. */
  branch: string;
}

/** Makes or forwards a branch from `refs/pull/N/head`, where GitHub has the commits of forks too. */
export async function fetchHead(desk: Desk, { number, branch }: Wanted, { signal }: CallOptions = {}): Promise<void> {
  const { project } = desk;
  const host = gitHostOf(desk);
  const repository = await openRepository(project.path);
  const remote = await requireRemote(desk, `to fetch pull request ${number} from`);
  const from = `refs/pull/${number}/head`;
  const to = `refs/heads/${branch}`;
  const where = { cwd: project.path, timeoutMs: TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) };
  try {
    const { stdout } = await git(host, ["ls-remote", "--quiet", remote, from], where);
    const head = stdout.split("\t")[0] ?? "";
    if (head !== "" && head === (await readRef(repository, to))) return;
    // Quietly, git would not say what it rejects.
    const flags = ["--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"];
    await git(host, ["fetch", ...flags, remote, `${from}:${to}`], where);
  } catch (error) {
    signal?.throwIfAborted();
    throw fetchError(error, { number, branch });
  }
}

function fetchError(error: unknown, { number, branch }: Wanted): unknown {
  if (!isAoError(error)) return error;
  const said = String(error.details?.stderr ?? error.message);
  if (/non-fast-forward|rejected/i.test(said)) {
    return new AoError("REFUSED", `your branch ${branch} has commits that pull request ${number} does not have`, {
      cause: error,
      hint: `Push them, or rename the branch: git branch -m ${branch} ${branch}-mine`,
    });
  }
  const holder = /refusing to fetch into .* checked out at '(.*)'/i.exec(said)?.[1];
  if (holder !== undefined) {
    return new AoError("REFUSED", `branch ${branch} is checked out in ${oneLine(holder, 200)}`, {
      cause: error,
      hint: "Switch that checkout to another branch first.",
    });
  }
  return new AoError("UNAVAILABLE", `could not fetch pull request ${number}: ${oneLine(error.message, 200)}`, {
    cause: error,
    hint: "Try `git fetch` in the project's folder. Git must be able to fetch there without asking.",
  });
}

import { AoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { AdoptOptions } from "@agent-orchestrator/core/slots/workspace";
import { birthOf } from "../git/born.ts";
import { readHead, readRef, trackedRemotes } from "../git/refs.ts";
import { openRepository, type Repository } from "../git/repository.ts";
import { withRepoLock } from "../repo-lock.ts";
import type { Making } from "./kind.ts";

interface AdoptRequest {
  path: string;
  project: ProjectConfig;
  options: AdoptOptions;
}

const refused = (branch: string, why: string) => new AoError("REFUSED", `${branch} ${why}`);

/** Writes the branch that the checkout is on into its record, if nobody else can have a claim to it. */
export async function adoptBranch(making: Making, { path, project, options }: AdoptRequest): Promise<void> {
  const { kind, records } = making;
  const { branch, since } = options;
  const repo = await openRepository(project.path);
  await withRepoLock(repo.commonDir, async () => {
    const record = await records.byPath(path);
    if (record?.branch === branch) return;
    const checkout = await kind.at(repo, path);
    const refs = kind.refsOf(repo, checkout);
    if ((await readHead(refs, checkout.gitDir)).branch !== branch) throw refused(branch, "is not checked out any more");
    const other = (await records.all()).find((each) => each.branch === branch);
    if (other !== undefined) throw refused(branch, `is the branch of ${other.sessionId}`);
    await mustBeNew(refs, branch, since);
    await mustNotBeOnRemote(refs, branch);
    if (refs.commonDir !== repo.commonDir) {
      await mustNotBeOnRemote(repo, branch);
      await mustNotBeInProject(repo, branch);
    }
    if (record !== null) await records.write({ ...record, branch });
  });
}

async function mustBeNew(refs: Repository, branch: string, since: string): Promise<void> {
  const birth = await birthOf(refs, `refs/heads/${branch}`);
  if (birth === null) throw refused(branch, "may be older than this session: git has no log of it");
  // Git counts in seconds.
  if (birth.atMs < Math.floor(Date.parse(since) / 1000) * 1000) throw refused(branch, "is older than this session");
}

/** A branch that was on the remote before belongs to someone else. One that was pushed from here does not. */
async function mustNotBeOnRemote(refs: Repository, branch: string): Promise<void> {
  for (const remote of await trackedRemotes(refs)) {
    const ref = `refs/remotes/${remote}/${branch}`;
    if ((await readRef(refs, ref)) === null) continue;
    if ((await birthOf(refs, ref))?.message !== "update by push") throw refused(branch, `was on ${remote} before`);
  }
}

/** A clone brings its own branch there; any other of that name is not its own. */
async function mustNotBeInProject(repo: Repository, branch: string): Promise<void> {
  const ref = `refs/heads/${branch}`;
  if ((await readRef(repo, ref)) === null) return;
  if ((await birthOf(repo, ref))?.message !== "ao: publish") throw refused(branch, "is a branch of the project");
}

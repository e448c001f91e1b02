import { AoError, isAoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { MergeMethod, PRInfo } from "@agent-orchestrator/core/model/pull-request";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { MergeOptions } from "@agent-orchestrator/core/slots/scm";
import { isFailedRequest, requestError } from "@agent-orchestrator/plugin-kit/github/errors";
import type { Desk } from "./desk.ts";
import { ENQUEUE, QUEUE } from "./queries.ts";
import { target } from "./scm.ts";

/** Merges the head that was judged, by GitHub's own rules. Succeeds if it is merged already. */
export async function merge(
  desk: Desk,
  pr: PRInfo,
  { method, expectedHeadSha, ...options }: MergeOptions & { method?: MergeMethod | undefined },
): Promise<"queued" | undefined> {
  const where = { ...target(desk, options), pull_number: pr.number };
  const { data } = await desk.github.say(`read pull request ${pr.number}`, () => desk.github.rest.pulls.get(where));
  if (data.merged) return undefined;
  if (data.state === "closed") throw new AoError("REFUSED", `pull request ${pr.number} is closed`);
  const sha = expectedHeadSha ?? data.head.sha;
  if (data.head.sha !== sha) throw moved(pr, { expected: sha, head: data.head.sha });
  if (await isQueued(desk, { pr, sha }, options)) return "queued";
  const merge_method = method ?? desk.options.mergeMethod ?? methodOf(data.base.repo);
  try {
    await desk.github.rest.pulls.merge({ ...where, sha, merge_method });
  } catch (error) {
    throw refusal(error, { pr, sha });
  }
  if (desk.options.deleteBranch && data.head.repo?.full_name === data.base.repo.full_name) {
    await deleteBranch(desk, data.head.ref, options);
  }
  return undefined;
}

interface Queue {
  id: string;
  isMergeQueueEnabled: boolean;
  isInMergeQueue: boolean;
}

/** Puts it into its base's merge queue, if there is one. GitHub refuses another head than the one that was judged. */
async function isQueued(desk: Desk, { pr, sha }: { pr: PRInfo; sha: string }, options: CallOptions): Promise<boolean> {
  const { owner, name } = desk.repo;
  const asked = { owner, name, number: pr.number };
  const what = `read the merge queue of pull request ${pr.number}`;
  const answer = await desk.github.graphql<{ repository: { pullRequest: Queue } }>(QUEUE, asked, { what, ...options });
  const { id, isMergeQueueEnabled, isInMergeQueue } = answer.repository.pullRequest;
  if (!isMergeQueueEnabled || isInMergeQueue) return isInMergeQueue;
  const adding = { what: `add pull request ${pr.number} to the merge queue`, ...options };
  await desk.github.graphql(ENQUEUE, { id, head: sha }, adding);
  return true;
}

/** Others merge at the same moment: what GitHub says is to be tried again is no refusal of this pull request. */
function refusal(error: unknown, { pr, sha }: { pr: PRInfo; sha: string }): unknown {
  const told = requestError(error, `merge pull request ${pr.number}`);
  if (!isAoError(told) || told.code !== "REFUSED") return told;
  if (isFailedRequest(error) && error.status === 409 && /modified/i.test(told.message)) {
    return moved(pr, { expected: sha, head: null });
  }
  return /try the merge again/i.test(told.message) ? new AoError("TRY_AGAIN", told.message, { cause: error }) : told;
}

/** The first that the repository allows. */
function methodOf(repo: {
  allow_merge_commit?: boolean;
  allow_squash_merge?: boolean;
  allow_rebase_merge?: boolean;
}): MergeMethod {
  if (repo.allow_merge_commit !== false) return "merge";
  return repo.allow_squash_merge === true ? "squash" : "rebase";
}

function moved(pr: PRInfo, { expected, head }: { expected: string; head: string | null }): AoError {
  const now = head === null ? "has moved" : `is now at ${head.slice(0, 12)}`;
  return new AoError("REFUSED", `${pr.branch} ${now}, and ${expected.slice(0, 12)} was judged`, {
    hint: "Look at the new commits first.",
    details: { expected, head },
  });
}

/** The merge stands, whether this works or not. */
async function deleteBranch(desk: Desk, branch: string, options: MergeOptions): Promise<void> {
  try {
    await desk.github.rest.git.deleteRef({ ...target(desk, options), ref: `heads/${branch}` });
  } catch (error) {
    desk.context.log.warn(toAoError(requestError(error, `delete ${branch} on GitHub`)).message);
  }
}

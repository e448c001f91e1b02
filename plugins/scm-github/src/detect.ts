import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import type { LookOptions } from "@agent-orchestrator/core/slots/scm";
import type { Desk } from "./desk.ts";
import { type PullRequestName, toInfo } from "./pull-request.ts";
import { BRANCH } from "./queries.ts";
import type { Watch } from "./watch.ts";

interface Candidate extends PullRequestName {
  state: "OPEN" | "CLOSED" | "MERGED";
  headRepositoryOwner: { login: string } | null;
}

/** The pull request of a branch: the open one, else the newest. Asked again only if any pull request was touched since. */
export function createDetect(desk: Desk, watch: Watch) {
  const known = new Map<string, { generation: number; info: PRInfo | null }>();
  return async (branch: string, options: LookOptions = {}): Promise<PRInfo | null> => {
    const generation = await watch.generation(options);
    const before = known.get(branch);
    if (before?.generation === generation) return before.info;
    const info = await ask(desk, branch, options);
    known.set(branch, { generation, info });
    return info;
  };
}

async function ask(desk: Desk, branch: string, options: LookOptions): Promise<PRInfo | null> {
  const { repo } = desk;
  const { signal } = options;
  const answer = await desk.github.graphql<{ repository: { pullRequests: { nodes: Candidate[] } } }>(
    BRANCH,
    { owner: repo.owner, name: repo.name, branch },
    { what: `look for a pull request of ${branch}`, ...(signal === undefined ? {} : { signal }) },
  );
  const all = answer.repository.pullRequests.nodes;
  const me = all.some(({ isCrossRepository }) => isCrossRepository) ? await desk.me(options) : "";
  // A stranger's fork may have a branch of the same name.
  const ours = all.filter((one) => !one.isCrossRepository || one.headRepositoryOwner?.login === me);
  const found = ours.find(({ state }) => state === "OPEN") ?? ours[0];
  return found === undefined ? null : toInfo(found, repo);
}

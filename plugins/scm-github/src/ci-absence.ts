import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { Desk } from "./desk.ts";
import { BASE_CI, PULL_CI, WORKFLOWS } from "./queries.ts";
import { nameOf, variables } from "./read.ts";
import type { PullRequestNode } from "./responses.ts";

const KEEP_MS = 30 * 60_000;

/** A commit, as far as it shows whether checks come. The rollup is null if it never had one. */
interface Checked {
  statusCheckRollup: object | null;
}

interface BaseCi {
  repository: {
    defaultBranchRef: { target: { history?: { nodes: Checked[] } } } | null;
    ofDefault: object | null;
    ofBase: object | null;
  };
}

interface PullCi {
  repository: {
    ofHead: object | null;
    pullRequest: {
      commits: { nodes: { commit: Checked }[] };
      timelineItems: { nodes: { beforeCommit: Checked | null }[] };
    };
  };
}

/**
 * Whether it is sure that no check will come on this head: there is no workflow, and neither an earlier head nor a recent
 * commit of the default branch had a check. A head without checks alone proves nothing: they take a while to appear.
 */
export function createCiAbsence(desk: Desk): (node: PullRequestNode, options: CallOptions) => Promise<boolean> {
  const { clock } = desk.context;
  const ofBases = new Map<string, { isAbsent: boolean; at: number }>();
  const ofPulls = new Map<number, { headSha: string; isAbsent: boolean }>();

  async function isAbsentOnBase(oid: string, options: CallOptions): Promise<boolean> {
    const before = ofBases.get(oid);
    if (before !== undefined && clock.monotonic() - before.at <= KEEP_MS) return before.isAbsent;
    const isAbsent = await readBase(desk, oid, options);
    for (const [key, { at }] of ofBases) if (clock.monotonic() - at > KEEP_MS) ofBases.delete(key);
    ofBases.set(oid, { isAbsent, at: clock.monotonic() });
    return isAbsent;
  }

  return async (node, options) => {
    const { number, headRefOid: headSha, baseRef } = node;
    if (baseRef === null || !(await isAbsentOnBase(baseRef.target.oid, options))) return false;
    const before = ofPulls.get(number);
    if (before?.headSha === headSha) return before.isAbsent;
    const isAbsent = await readPull(desk, node, options);
    ofPulls.set(number, { headSha, isAbsent });
    return isAbsent;
  };
}

const isBare = (commit: Checked | null): boolean => commit?.statusCheckRollup === null;

async function readBase(desk: Desk, oid: string, options: CallOptions): Promise<boolean> {
  const { repository } = await desk.github.graphql<BaseCi>(
    BASE_CI,
    { ...variables(desk), workflows: `${oid}:${WORKFLOWS}` },
    { what: `read the recent commits of ${nameOf(desk)}`, ...options },
  );
  const commits = repository.defaultBranchRef?.target.history?.nodes ?? [];
  return repository.ofDefault === null && repository.ofBase === null && commits.length > 0 && commits.every(isBare);
}

async function readPull(desk: Desk, { number, headRefOid }: PullRequestNode, options: CallOptions): Promise<boolean> {
  const { repository } = await desk.github.graphql<PullCi>(
    PULL_CI,
    { ...variables(desk), number, workflows: `${headRefOid}:${WORKFLOWS}` },
    { what: `read the earlier checks of pull request ${number}`, ...options },
  );
  const { commits, timelineItems } = repository.pullRequest;
  const earlier = [
    ...commits.nodes.map(({ commit }) => commit),
    ...timelineItems.nodes.map(({ beforeCommit }) => beforeCommit),
  ];
  return repository.ofHead === null && commits.nodes.length > 0 && earlier.every(isBare);
}

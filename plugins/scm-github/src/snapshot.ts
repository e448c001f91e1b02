import type { PRSnapshot } from "@agent-orchestrator/core/model/pull-request";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { RepoName } from "@agent-orchestrator/plugin-kit/github/options";
import { isGuarded } from "@agent-orchestrator/plugin-kit/guarded-files";
import { ciStatusOf, joblessRuns, toChecks } from "./checks.ts";
import { toInfo, toState } from "./pull-request.ts";
import { contextsOf } from "./read.ts";
import { isBehind, isWorkedOut, judgeReadiness } from "./readiness.ts";
import type { DetailsNode, PullRequestNode, RemovalNode } from "./responses.ts";
import { decisionOf, type Written } from "./reviews.ts";
import { type Verdict, withVerdicts } from "./verdicts.ts";

export interface SnapshotParts {
  node: PullRequestNode;
  details: DetailsNode;
  written: Written;
  /** Of the pull request's author, oldest first. */
  verdicts: readonly Verdict[];
  failingOnBase: ReadonlySet<string>;
  isCiAbsent: boolean;
  /** The checks that failed in the merge queue, when it left it last. */
  failingInQueue: readonly string[];
  repo: RepoName;
}

/** Joins what was read into one answer. */
export function toSnapshot(parts: SnapshotParts): PRSnapshot {
  const { node, details, failingOnBase, isCiAbsent, repo, verdicts } = parts;
  const written = withVerdicts(parts.written, verdicts, node.headRefOid);
  const contexts = contextsOf(node);
  const suites = node.commits.nodes[0]?.commit.checkSuites?.nodes.filter((suite) => suite !== null) ?? [];
  const checks = [...toChecks(contexts, failingOnBase), ...joblessRuns(suites, contexts)];
  const ci = ciStatusOf(checks);
  const review = decisionOf(node, written.reviews);
  const last = verdicts.at(-1);
  const ownApproval = last?.state === "approved" && last.headSha === node.headRefOid ? last.author : null;
  const touches = touchesGuardedFiles(details);
  return {
    info: toInfo(node, repo),
    state: toState(node),
    headSha: node.headRefOid,
    baseSha: node.baseRef?.target.oid ?? null,
    ci,
    checks,
    review,
    ...written,
    hasConflicts: isWorkedOut(node) ? node.mergeable === "CONFLICTING" : null,
    ...(isBehind(node) ? { isBehind: true } : {}),
    readiness: judgeReadiness({ node, ci, checks, review, comments: written.comments, ownApproval }),
    // A change to the workflows themselves may bring the first check.
    isCiAbsent: isCiAbsent && touches === false,
    headAt: headAtOf(node),
    ...(node.mergedAt === null ? {} : { mergedAt: node.mergedAt }),
    ...(node.isMergeQueueEnabled ? { mergeQueue: queueOf(node, parts.failingInQueue) } : {}),
    ...(touches === null ? {} : { touchesGuardedFiles: touches }),
  };
}

/** The last time that it left the merge queue without being merged. */
export const removalOf = ({ timelineItems }: PullRequestNode): RemovalNode | null =>
  timelineItems.nodes.find(({ reason }) => reason !== "merged") ?? null;

function queueOf(node: PullRequestNode, checks: readonly string[]): NonNullable<PRSnapshot["mergeQueue"]> {
  const removal = removalOf(node);
  const reason = oneLine((removal?.reason ?? "GitHub gives no reason").replaceAll("_", " "));
  const left = removal === null ? null : { id: removal.id, reason, checks: [...checks] };
  return { position: node.mergeQueueEntry?.position ?? null, left };
}

/** ISO 8601. GitHub no longer says when a commit was pushed. */
export const headAtOf = (node: PullRequestNode): string =>
  node.commits.nodes[0]?.commit.committedDate ?? node.updatedAt;

/** Null if not all files were listed and none of the listed ones is guarded. */
function touchesGuardedFiles({ files }: DetailsNode): boolean | null {
  if (files === null) return null;
  if (files.nodes.some(({ path }) => isGuarded(path))) return true;
  return files.totalCount > files.nodes.length ? null : false;
}

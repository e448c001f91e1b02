import type { Account } from "../model/accounts.ts";
import type { PullRequest } from "../model/issue.ts";
import type { Review } from "../model/pull.ts";
import type { Demands, Repo, Ruleset } from "../model/repo.ts";
import { hasWrite } from "./access.ts";
import { outcomeOf } from "./checks.ts";

export const NO_DEMANDS: Demands = {
  requiredChecks: [],
  isStrict: false,
  requiredApprovals: null,
  dismissesStale: false,
  requiresCodeOwners: false,
  requiresResolvedThreads: false,
  requiresLinearHistory: false,
  enforcesAdmins: false,
  mergeQueue: null,
};

export function rulesetsOn(repo: Repo, branch: string): Ruleset[] {
  const names = new Set([
    "~ALL",
    branch,
    `refs/heads/${branch}`,
    ...(branch === repo.defaultBranch ? ["~DEFAULT_BRANCH"] : []),
  ]);
  return repo.rulesets.filter((set) => set.enforcement === "active" && set.branches.some((name) => names.has(name)));
}

/** Everything that is demanded of changes to a branch: classic protection and rulesets together. */
export function demandsOn(repo: Repo, branch: string): Demands {
  const classic = repo.protections.get(branch);
  const all = [...(classic === undefined ? [] : [classic]), ...rulesetsOn(repo, branch).map(({ demands }) => demands)];
  const any = (has: (demands: Demands) => boolean) => all.some(has);
  const approvals = all.map(({ requiredApprovals }) => requiredApprovals).filter((count) => count !== null);
  return {
    requiredChecks: all.flatMap(({ requiredChecks }) => requiredChecks),
    isStrict: any(({ isStrict }) => isStrict),
    requiredApprovals: approvals.length === 0 ? null : Math.max(...approvals),
    dismissesStale: any(({ dismissesStale }) => dismissesStale),
    requiresCodeOwners: any(({ requiresCodeOwners }) => requiresCodeOwners),
    requiresResolvedThreads: any(({ requiresResolvedThreads }) => requiresResolvedThreads),
    requiresLinearHistory: any(({ requiresLinearHistory }) => requiresLinearHistory),
    enforcesAdmins: any(({ enforcesAdmins }) => enforcesAdmins),
    mergeQueue: all.find(({ mergeQueue }) => mergeQueue !== null)?.mergeQueue ?? null,
  };
}

/** The last review of each person that says yes or no. Comments leave an earlier opinion as it is. */
export function opinions(pr: PullRequest): Review[] {
  const latest = new Map<number, Review>();
  for (const review of pr.pull.reviews) {
    if (review.state === "APPROVED" || review.state === "CHANGES_REQUESTED" || review.state === "DISMISSED") {
      latest.set(review.author.id, review);
    }
  }
  return [...latest.values()].filter(({ author }) => hasWrite(author, pr.repo));
}

export type Decision = "APPROVED" | "CHANGES_REQUESTED" | "REVIEW_REQUIRED" | null;

export function reviewDecision(pr: PullRequest): Decision {
  const { requiredApprovals } = demandsOn(pr.repo, pr.pull.baseRef);
  if (requiredApprovals === null && !pr.repo.settings.decidesWithoutRule) return null;
  const states = opinions(pr).map(({ state }) => state);
  if (states.includes("CHANGES_REQUESTED")) return "CHANGES_REQUESTED";
  const approvals = states.filter((state) => state === "APPROVED").length;
  if (requiredApprovals === null) return approvals > 0 ? "APPROVED" : null;
  return approvals >= requiredApprovals ? "APPROVED" : "REVIEW_REQUIRED";
}

/** What stands against merging by the base's rules, in GitHub's words. */
export function violations(pr: PullRequest): string[] {
  const demands = demandsOn(pr.repo, pr.pull.baseRef);
  const found: string[] = [];
  if (demands.requiredApprovals !== null) {
    const decision = reviewDecision(pr);
    if (decision === "CHANGES_REQUESTED") found.push("Changes have been requested.");
    const count = demands.requiredApprovals;
    if (decision === "REVIEW_REQUIRED") {
      const reviews = count === 1 ? "1 approving review is" : `${count} approving reviews are`;
      found.push(`At least ${reviews} required by reviewers with write access.`);
    }
  }
  for (const { context, appId } of demands.requiredChecks) {
    const outcome = outcomeOf(pr.repo, pr.pull.headSha, { context, appId });
    if (outcome === "missing") found.push(`Required status check "${context}" is expected.`);
    if (outcome === "pending") found.push(`Required status check "${context}" is in progress.`);
    if (outcome === "failing") found.push(`Required status check "${context}" is failing.`);
  }
  if (demands.requiresResolvedThreads && pr.pull.threads.some(({ resolvedBy }) => resolvedBy === null)) {
    found.push("A conversation must be resolved before this pull request can be merged.");
  }
  if (demands.isStrict && pr.pull.isBehind) found.push("The head branch is not up to date with the base branch.");
  return found;
}

/** Admins pass by rules that are not enforced on them. */
export function isExempt(account: Account, pr: PullRequest): boolean {
  const demands = pr.repo.protections.get(pr.pull.baseRef);
  if (rulesetsOn(pr.repo, pr.pull.baseRef).length > 0) return false;
  const isAdmin = account.id === pr.repo.owner.id || pr.repo.collaborators.get(account.login) === "admin";
  return isAdmin && demands !== undefined && !demands.enforcesAdmins;
}

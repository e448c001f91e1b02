import type { Demands, Repo, Ruleset } from "../model/repo.ts";
import { ruleViews } from "../rest/rules.ts";
import { appNode } from "./accounts.ts";
import { repoNode } from "./repo.ts";
import { connection, type Scope } from "./scope.ts";

export function updateRule(demands: Demands, pattern: string) {
  return {
    pattern,
    allowsDeletions: false,
    allowsForcePushes: false,
    blocksCreations: false,
    requiredApprovingReviewCount: demands.requiredApprovals,
    requiredStatusCheckContexts: demands.requiredChecks.map(({ context }) => context),
    requiresCodeOwnerReviews: demands.requiresCodeOwners,
    requiresConversationResolution: demands.requiresResolvedThreads,
    requiresLinearHistory: demands.requiresLinearHistory,
    requiresSignatures: false,
    viewerAllowedToDismissReviews: true,
    viewerCanPush: true,
  };
}

export function protectionNode(
  scope: Scope,
  repo: Repo,
  { pattern, demands }: { pattern: string; demands: Demands },
): Record<string, unknown> {
  const app = (id: number | null) => scope.world.apps.find((one) => one.id === id);
  return {
    __typename: "BranchProtectionRule",
    id: `BPR_${Buffer.from(`${repo.id}:${pattern}`).toString("base64url")}`,
    databaseId: repo.id,
    ...updateRule(demands, pattern),
    requiresApprovingReviews: demands.requiredApprovals !== null,
    dismissesStaleReviews: demands.dismissesStale,
    requiresStatusChecks: demands.requiredChecks.length > 0,
    requiresStrictStatusChecks: demands.isStrict,
    requiresCommitSignatures: false,
    requiresDeployments: false,
    isAdminEnforced: demands.enforcesAdmins,
    restrictsPushes: false,
    restrictsReviewDismissals: false,
    lockBranch: false,
    requireLastPushApproval: false,
    requiredStatusChecks: demands.requiredChecks.map(({ context, appId }) => {
      const found = app(appId);
      return { context, app: found === undefined ? null : appNode(scope, found) };
    }),
    repository: () => repoNode(scope, repo),
  };
}

/** A rule's parameters as the union that GraphQL has for them, with names in its own style. */
function ruleNode(set: Ruleset, { type, parameters = {} }: { type: string; parameters?: Record<string, unknown> }) {
  const camel = (text: string) => text.replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase());
  const shown = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(shown)
      : value !== null && typeof value === "object"
        ? Object.fromEntries(Object.entries(value).map(([key, one]) => [camel(key), shown(one)]))
        : value;
  const name = {
    pull_request: "PullRequestParameters",
    required_status_checks: "RequiredStatusChecksParameters",
    merge_queue: "MergeQueueParameters",
  }[type];
  return {
    __typename: "RepositoryRule",
    id: `RR_${set.id}_${type}`,
    type: type.toUpperCase(),
    parameters: name === undefined ? null : { __typename: name, ...(shown(parameters) as object) },
  };
}

export function rulesetNode(scope: Scope, repo: Repo, set: Ruleset): Record<string, unknown> {
  return {
    __typename: "RepositoryRuleset",
    id: set.nodeId,
    databaseId: set.id,
    name: set.name,
    target: "BRANCH",
    enforcement: { active: "ACTIVE", evaluate: "EVALUATE", disabled: "DISABLED" }[set.enforcement],
    createdAt: set.createdAt,
    updatedAt: set.createdAt,
    source: () => repoNode(scope, repo),
    conditions: { refName: { include: set.branches, exclude: [] } },
    rules: connection(ruleViews(set.demands), (rule) => ruleNode(set, rule)),
  };
}

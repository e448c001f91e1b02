import { roleOf } from "../domain/access.ts";
import { canBeAssigned, findLabel } from "../domain/issues.ts";
import { demandsOn } from "../domain/rules.ts";
import { Refusal } from "../http/failure.ts";
import type { Label, Milestone } from "../model/issue.ts";
import type { Repo } from "../model/repo.ts";
import { repoHtml } from "../views/repos.ts";
import { fullName, isPull, pullsOf } from "../world.ts";
import { accountNode } from "./accounts.ts";
import { gitObjectNode, treeEntryNodes } from "./commit.ts";
import { type Filters, filtered } from "./filters.ts";
import { issueNode } from "./issue.ts";
import { pullNode } from "./pull.ts";
import { queueNode } from "./queue.ts";
import { protectionNode, rulesetNode, updateRule } from "./rules.ts";
import { connection, empty, type PageArgs, pathOf, type Scope } from "./scope.ts";

export function labelNode(scope: Scope, repo: Repo, label: Label): Record<string, unknown> {
  const url = `${repoHtml(scope.urls, repo)}/labels/${encodeURIComponent(label.name)}`;
  const { nodeId: id, name, color, description } = label;
  return {
    __typename: "Label",
    id,
    name,
    color,
    description,
    isDefault: false,
    url,
    resourcePath: pathOf(url),
    repository: () => repoNode(scope, repo),
  };
}

export function milestoneNode(scope: Scope, repo: Repo, one: Milestone): Record<string, unknown> {
  const url = `${repoHtml(scope.urls, repo)}/milestone/${one.number}`;
  return {
    __typename: "Milestone",
    ...{
      id: one.nodeId,
      number: one.number,
      title: one.title,
      description: one.description,
      dueOn: one.dueOn,
      url,
      resourcePath: pathOf(url),
    },
    state: one.state.toUpperCase(),
    closed: one.state === "closed",
    closedAt: one.closedAt,
    createdAt: one.createdAt,
    updatedAt: one.updatedAt,
    creator: () => accountNode(scope, one.creator),
    progressPercentage: 0,
  };
}

export async function refNode(scope: Scope, repo: Repo, qualified: string): Promise<Record<string, unknown> | null> {
  const sha = await repo.git.resolve(qualified);
  if (sha === null) return null;
  const [, prefix = "", name = ""] = /^(refs\/\w+\/)(.*)$/.exec(qualified) ?? [];
  return {
    __typename: "Ref",
    id: `REF_${Buffer.from(`${repo.id}:${qualified}`).toString("base64url")}`,
    name,
    prefix,
    repository: () => repoNode(scope, repo),
    target: () => gitObjectNode(scope, repo, sha),
    branchProtectionRule: () => {
      const demands = repo.protections.get(name);
      return demands === undefined ? null : protectionNode(scope, repo, { pattern: name, demands });
    },
    refUpdateRule: () => updateRule(demandsOn(repo, name), name),
    associatedPullRequests: (args: Filters) =>
      connection(
        filtered(
          pullsOf(repo).filter(({ pull }) => pull.headRef === name),
          args,
        ),
        (pr) => pullNode(scope, pr),
      )(args),
  };
}

const PERMISSIONS = {
  none: null,
  read: "READ",
  triage: "TRIAGE",
  write: "WRITE",
  maintain: "MAINTAIN",
  admin: "ADMIN",
};

function numbered(scope: Scope, repo: Repo, { number, kind }: { number: number; kind: "issue" | "pull" | "any" }) {
  const issue = repo.issues.get(number);
  const isRight = issue !== undefined && (kind === "any" || isPull(issue) === (kind === "pull"));
  const name = { issue: "an Issue", pull: "a PullRequest", any: "an issue or pull request" }[kind];
  if (issue === undefined || !isRight)
    throw new Refusal(404, `Could not resolve to ${name} with the number of ${number}.`, { type: "NOT_FOUND" });
  return issueNode(scope, issue);
}

export function repoNode(scope: Scope, repo: Repo): Record<string, unknown> {
  const { world, viewer, urls } = scope;
  const { settings } = repo;
  const html = repoHtml(urls, repo);
  const role = roleOf(viewer.account, repo);
  const people = () => [...world.accounts.values()].filter((one) => one.type === "User" && canBeAssigned(one, repo));
  const all = () => [...repo.issues.values()];
  return {
    __typename: "Repository",
    id: repo.nodeId,
    databaseId: repo.id,
    name: repo.name,
    nameWithOwner: fullName(repo),
    owner: () => accountNode(scope, repo.owner),
    description: repo.description,
    url: html,
    resourcePath: pathOf(html),
    sshUrl: `git@${new URL(urls.html).hostname}:${fullName(repo)}.git`,
    homepageUrl: null,
    createdAt: repo.createdAt,
    updatedAt: repo.updatedAt,
    pushedAt: repo.pushedAt,
    archivedAt: null,
    isArchived: settings.isArchived,
    isFork: repo.parent !== null,
    isPrivate: repo.isPrivate,
    isEmpty: async () => (await repo.git.refs()).size === 0,
    isDisabled: false,
    isInOrganization: repo.owner.type === "Organization",
    isLocked: false,
    isMirror: false,
    isTemplate: false,
    isBlankIssuesEnabled: true,
    isUserConfigurationRepository: false,
    visibility: repo.isPrivate ? "PRIVATE" : "PUBLIC",
    parent: () => (repo.parent === null ? null : repoNode(scope, repo.parent)),
    forkCount: world.repos.filter(({ parent }) => parent === repo).length,
    forks: connection(
      world.repos.filter(({ parent }) => parent === repo),
      (one) => repoNode(scope, one),
    ),
    stargazerCount: 0,
    hasIssuesEnabled: settings.hasIssues,
    hasProjectsEnabled: true,
    hasWikiEnabled: false,
    hasDiscussionsEnabled: false,
    mergeCommitAllowed: settings.allowedMethods.has("merge"),
    squashMergeAllowed: settings.allowedMethods.has("squash"),
    rebaseMergeAllowed: settings.allowedMethods.has("rebase"),
    autoMergeAllowed: settings.allowAutoMerge,
    deleteBranchOnMerge: settings.deleteBranchOnMerge,
    allowUpdateBranch: false,
    viewerPermission: viewer.token?.kind === "installation" ? null : PERMISSIONS[role],
    viewerCanAdminister: role === "admin",
    viewerDefaultMergeMethod: (["merge", "squash", "rebase"] as const)
      .find((method) => settings.allowedMethods.has(method))
      ?.toUpperCase(),
    viewerDefaultCommitEmail: viewer.account?.email ?? null,
    viewerPossibleCommitEmails: [],
    defaultBranchRef: () => refNode(scope, repo, `refs/heads/${repo.defaultBranch}`),
    ref: ({ qualifiedName }: { qualifiedName: string }) =>
      refNode(scope, repo, qualifiedName.startsWith("refs/") ? qualifiedName : `refs/heads/${qualifiedName}`),
    refs: async (args: PageArgs & { refPrefix: string; query?: string | null }) => {
      const names = [...(await repo.git.refs(args.refPrefix.replace(/\/$/, ""))).keys()].filter(
        (name) => args.query == null || name.includes(args.query),
      );
      return connection(await Promise.all(names.map((name) => refNode(scope, repo, name))), (ref) => ref)(args);
    },
    object: async ({ oid, expression }: { oid?: string | null; expression?: string | null }) => {
      const wanted = oid ?? expression ?? "";
      const sha = (await repo.git.resolve(wanted)) ?? (await repo.git.commitOf(wanted));
      return sha === null ? null : gitObjectNode(scope, repo, sha);
    },
    issue: ({ number }: { number: number }) => numbered(scope, repo, { number, kind: "issue" }),
    pullRequest: ({ number }: { number: number }) => numbered(scope, repo, { number, kind: "pull" }),
    issueOrPullRequest: ({ number }: { number: number }) => numbered(scope, repo, { number, kind: "any" }),
    issues: (args: Filters) =>
      connection(
        filtered(
          all().filter((one) => !isPull(one)),
          args,
        ),
        (issue) => issueNode(scope, issue),
      )(args),
    pullRequests: (args: Filters) => connection(filtered(pullsOf(repo), args), (pr) => pullNode(scope, pr))(args),
    label: ({ name }: { name: string }) => {
      const label = findLabel(repo, name);
      return label === null ? null : labelNode(scope, repo, label);
    },
    labels: connection(repo.labels, (label) => labelNode(scope, repo, label)),
    milestone: ({ number }: { number: number }) => {
      const found = repo.milestones.find((one) => one.number === number);
      return found === undefined ? null : milestoneNode(scope, repo, found);
    },
    milestones: connection(repo.milestones, (one) => milestoneNode(scope, repo, one)),
    assignableUsers: connection(people(), (one) => accountNode(scope, one)),
    mentionableUsers: connection(people(), (one) => accountNode(scope, one)),
    collaborators: connection([...repo.collaborators.keys()], (login) => accountNode(scope, world.account(login))),
    branchProtectionRules: connection([...repo.protections], ([pattern, demands]) =>
      protectionNode(scope, repo, { pattern, demands }),
    ),
    rulesets: connection(repo.rulesets, (set) => rulesetNode(scope, repo, set)),
    mergeQueue: ({ branch }: { branch?: string | null }) => queueNode(scope, repo, branch ?? repo.defaultBranch),
    issueTemplates: [],
    pullRequestTemplates: () =>
      treeEntryNodes(repo, [
        "PULL_REQUEST_TEMPLATE.md",
        "pull_request_template.md",
        ".github/PULL_REQUEST_TEMPLATE.md",
        ".github/pull_request_template.md",
        "docs/pull_request_template.md",
      ]),
    projects: empty,
    projectsV2: empty,
    repositoryTopics: empty,
    releases: empty,
    latestRelease: null,
    licenseInfo: null,
    primaryLanguage: null,
    languages: empty,
  };
}

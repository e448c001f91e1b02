import { canSee } from "../domain/access.ts";
import type { Account, App } from "../model/accounts.ts";
import type { Repo } from "../model/repo.ts";
import { userView } from "../views/accounts.ts";
import { repoNode } from "./repo.ts";
import { connection, empty, type PageArgs, type Scope } from "./scope.ts";
import { search } from "./search.ts";

/** A user, bot or organisation. The login of a bot is shown without its suffix, as GitHub's GraphQL does. */
export function accountNode(scope: Scope, account: Account): Record<string, unknown> {
  const view = userView(scope.urls, account);
  const repos = () => scope.world.repos.filter((repo) => repo.owner === account && canSee(scope.viewer, repo));
  return {
    __typename: account.type,
    id: account.nodeId,
    databaseId: account.id,
    login: account.type === "Bot" ? account.login.replace(/\[bot\]$/, "") : account.login,
    url: view.html_url,
    resourcePath: new URL(view.html_url).pathname,
    avatarUrl: view.avatar_url,
    name: account.name,
    email: account.email ?? "",
    createdAt: account.createdAt,
    updatedAt: account.createdAt,
    isViewer: account === scope.viewer.account,
    isEmployee: false,
    bio: null,
    company: null,
    viewerCanAdminister: account === scope.viewer.account,
    repository: ({ name }: { name: string }) => {
      const repo = repos().find((one) => one.name.toLowerCase() === name.toLowerCase());
      return repo === undefined ? null : repoNode(scope, repo);
    },
    repositories: ({ ownerAffiliations, ...args }: PageArgs & { ownerAffiliations: string[] }) =>
      connection(affiliated(scope, account, ownerAffiliations), (repo) => repoNode(scope, repo))(args),
    organizations: connection(
      [...scope.world.accounts.values()].filter(({ members }) => members.has(account.login)),
      (one) => accountNode(scope, one),
    ),
    pullRequests: (args: Parameters<typeof empty>[0]) => search(scope, `is:pr author:${account.login}`, args),
    teams: empty,
    projectsV2: empty,
  };
}

/** Repositories that the viewer sees, and that the account has this to do with. */
function affiliated(scope: Scope, account: Account, kinds: readonly string[]): Repo[] {
  const isA = (kind: string, { owner, collaborators }: Repo): boolean => {
    if (kind === "OWNER") return owner === account;
    return kind === "COLLABORATOR" ? collaborators.has(account.login) : owner.members.has(account.login);
  };
  return scope.world.repos.filter((repo) => canSee(scope.viewer, repo) && kinds.some((kind) => isA(kind, repo)));
}

export const accountOrNull = (scope: Scope, account: Account | null): Record<string, unknown> | null =>
  account === null ? null : accountNode(scope, account);

export function appNode(scope: Scope, app: App): Record<string, unknown> {
  return {
    __typename: "App",
    id: app.nodeId,
    databaseId: app.id,
    slug: app.slug,
    name: app.name,
    description: "",
    url: `${scope.urls.html}/apps/${app.slug}`,
    logoUrl: `${scope.urls.html}/avatars/in/${app.id}`,
    logoBackgroundColor: "ffffff",
    createdAt: app.createdAt,
    updatedAt: app.createdAt,
  };
}

import { roleOf, roleRank } from "../domain/access.ts";
import type { Urls } from "../http/call.ts";
import type { Account, App, Installation } from "../model/accounts.ts";
import type { Repo } from "../model/repo.ts";

/** Many of GitHub's objects carry links that only differ in their last part. */
export function links(base: string, ends: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(ends).map(([key, end]) => [key, `${base}${end}`]));
}

export function userView(urls: Urls, account: Account) {
  const { id, login, type } = account;
  const name = type === "Bot" ? encodeURIComponent(login) : login;
  return {
    login,
    id,
    node_id: account.nodeId,
    avatar_url: `${urls.html}/avatars/u/${id}?v=4`,
    gravatar_id: "",
    html_url: type === "Bot" ? `${urls.html}/apps/${login.replace("[bot]", "")}` : `${urls.html}/${login}`,
    ...links(`${urls.api}/users/${name}`, {
      url: "",
      followers_url: "/followers",
      following_url: "/following{/other_user}",
      gists_url: "/gists{/gist_id}",
      starred_url: "/starred{/owner}{/repo}",
      subscriptions_url: "/subscriptions",
      organizations_url: "/orgs",
      repos_url: "/repos",
      events_url: "/events{/privacy}",
      received_events_url: "/received_events",
    }),
    type,
    user_view_type: "public",
    site_admin: false,
  };
}

export const userOrNull = (urls: Urls, account: Account | null) => (account === null ? null : userView(urls, account));

export function fullUserView(urls: Urls, account: Account) {
  return {
    ...userView(urls, account),
    name: account.name,
    company: null,
    blog: "",
    location: null,
    email: account.email,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: account.createdAt,
    updated_at: account.createdAt,
  };
}

export function organizationView(urls: Urls, account: Account) {
  const { login, id } = account;
  return {
    login,
    id,
    node_id: account.nodeId,
    ...links(`${urls.api}/orgs/${login}`, {
      url: "",
      repos_url: "/repos",
      events_url: "/events",
      hooks_url: "/hooks",
      issues_url: "/issues",
      members_url: "/members{/member}",
      public_members_url: "/public_members{/member}",
    }),
    avatar_url: `${urls.html}/avatars/u/${id}?v=4`,
    description: null,
    html_url: `${urls.html}/${login}`,
    name: account.name ?? login,
    has_organization_projects: true,
    has_repository_projects: true,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    type: "Organization",
    created_at: account.createdAt,
    updated_at: account.createdAt,
    archived_at: null,
  };
}

export function appView(urls: Urls, app: App) {
  return {
    id: app.id,
    client_id: `Iv1.${app.id}`,
    slug: app.slug,
    node_id: app.nodeId,
    owner: userView(urls, app.owner),
    name: app.name,
    description: "",
    external_url: `${urls.html}/apps/${app.slug}`,
    html_url: `${urls.html}/apps/${app.slug}`,
    created_at: app.createdAt,
    updated_at: app.createdAt,
    permissions: app.permissions,
    events: app.events,
  };
}

export function installationView(urls: Urls, { id, app, account, permissions, repositories, createdAt }: Installation) {
  return {
    id,
    account: userView(urls, account),
    repository_selection: repositories === null ? "all" : "selected",
    access_tokens_url: `${urls.api}/app/installations/${id}/access_tokens`,
    repositories_url: `${urls.api}/installation/repositories`,
    html_url: `${urls.html}/organizations/${account.login}/settings/installations/${id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions,
    events: app.events,
    created_at: createdAt,
    updated_at: createdAt,
    single_file_name: null,
    suspended_by: null,
    suspended_at: null,
  };
}

/** The five booleans in which GitHub shows a role. */
export function permissionsOf(account: Account | null, repo: Repo) {
  const rank = roleRank(roleOf(account, repo));
  const has = (role: Parameters<typeof roleRank>[0]) => rank >= roleRank(role);
  return {
    admin: has("admin"),
    maintain: has("maintain"),
    push: has("write"),
    triage: has("triage"),
    pull: has("read"),
  };
}

/** How somebody stands to a repository, as comments show it. */
export function association(account: Account, repo: Repo): string {
  if (account.id === repo.owner.id) return "OWNER";
  if (repo.owner.members.has(account.login)) return "MEMBER";
  if (repo.collaborators.has(account.login)) return "COLLABORATOR";
  const hasMerged = [...repo.issues.values()].some(({ author, pull }) => author === account && pull?.mergedAt != null);
  return hasMerged ? "CONTRIBUTOR" : "NONE";
}

import type { CommitInfo, FileChange } from "../git/bare.ts";
import type { Urls } from "../http/call.ts";
import type { Account } from "../model/accounts.ts";
import type { Repo } from "../model/repo.ts";
import { fullName, type World } from "../world.ts";
import { links, permissionsOf, userView } from "./accounts.ts";

export const repoApi = (urls: Urls, repo: Repo): string => `${urls.api}/repos/${fullName(repo)}`;
export const repoHtml = (urls: Urls, repo: Repo): string => `${urls.html}/${fullName(repo)}`;

const ENDS = {
  url: "",
  archive_url: "/{archive_format}{/ref}",
  assignees_url: "/assignees{/user}",
  blobs_url: "/git/blobs{/sha}",
  branches_url: "/branches{/branch}",
  collaborators_url: "/collaborators{/collaborator}",
  comments_url: "/comments{/number}",
  commits_url: "/commits{/sha}",
  compare_url: "/compare/{base}...{head}",
  contents_url: "/contents/{+path}",
  contributors_url: "/contributors",
  deployments_url: "/deployments",
  downloads_url: "/downloads",
  events_url: "/events",
  forks_url: "/forks",
  git_commits_url: "/git/commits{/sha}",
  git_refs_url: "/git/refs{/sha}",
  git_tags_url: "/git/tags{/sha}",
  hooks_url: "/hooks",
  issue_comment_url: "/issues/comments{/number}",
  issue_events_url: "/issues/events{/number}",
  issues_url: "/issues{/number}",
  keys_url: "/keys{/key_id}",
  labels_url: "/labels{/name}",
  languages_url: "/languages",
  merges_url: "/merges",
  milestones_url: "/milestones{/number}",
  notifications_url: "/notifications{?since,all,participating}",
  pulls_url: "/pulls{/number}",
  releases_url: "/releases{/id}",
  stargazers_url: "/stargazers",
  statuses_url: "/statuses/{sha}",
  subscribers_url: "/subscribers",
  subscription_url: "/subscription",
  tags_url: "/tags",
  teams_url: "/teams",
  trees_url: "/git/trees{/sha}",
};

/** What GitHub shows of a repository inside of other objects. */
export function smallRepoView(urls: Urls, repo: Repo) {
  return {
    id: repo.id,
    node_id: repo.nodeId,
    name: repo.name,
    full_name: fullName(repo),
    private: repo.isPrivate,
    owner: userView(urls, repo.owner),
    html_url: repoHtml(urls, repo),
    description: repo.description,
    fork: repo.parent !== null,
    ...links(repoApi(urls, repo), ENDS),
  };
}

export function repoView(urls: Urls, repo: Repo) {
  const html = repoHtml(urls, repo);
  const open = [...repo.issues.values()].filter(({ state }) => state === "open").length;
  return {
    ...smallRepoView(urls, repo),
    created_at: repo.createdAt,
    updated_at: repo.updatedAt,
    pushed_at: repo.pushedAt,
    git_url: html.replace(/^https?/, "git").concat(".git"),
    ssh_url: `git@${new URL(urls.html).hostname}:${fullName(repo)}.git`,
    clone_url: `${html}.git`,
    svn_url: html,
    homepage: null,
    size: 1,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: repo.settings.hasIssues,
    has_projects: true,
    has_downloads: true,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    has_pull_requests: true,
    pull_request_creation_policy: "all",
    forks_count: 0,
    mirror_url: null,
    archived: repo.settings.isArchived,
    disabled: false,
    open_issues_count: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repo.isPrivate ? "private" : "public",
    forks: 0,
    open_issues: open,
    watchers: 0,
    default_branch: repo.defaultBranch,
  };
}

/** The repository itself, as one with the viewer's permissions and, for those who may push, its settings. */
export function fullRepoView(urls: Urls, repo: Repo, viewer: Account | null): Record<string, unknown> {
  const permissions = permissionsOf(viewer, repo);
  const { allowedMethods, deleteBranchOnMerge, allowAutoMerge } = repo.settings;
  return {
    ...repoView(urls, repo),
    ...(viewer === null ? {} : { permissions }),
    ...(permissions.push
      ? {
          allow_squash_merge: allowedMethods.has("squash"),
          allow_merge_commit: allowedMethods.has("merge"),
          allow_rebase_merge: allowedMethods.has("rebase"),
          allow_auto_merge: allowAutoMerge,
          delete_branch_on_merge: deleteBranchOnMerge,
          allow_update_branch: false,
          squash_merge_commit_title: "COMMIT_OR_PR_TITLE",
          squash_merge_commit_message: "COMMIT_MESSAGES",
          merge_commit_title: "MERGE_MESSAGE",
          merge_commit_message: "PR_TITLE",
        }
      : {}),
    ...(repo.owner.type === "Organization" ? { organization: userView(urls, repo.owner) } : {}),
    ...(repo.parent === null ? {} : { parent: repoView(urls, repo.parent), source: repoView(urls, repo.parent) }),
    network_count: 0,
    subscribers_count: 0,
  };
}

const VERIFICATION = { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null };

/** The GitHub account behind a commit's address, by the pattern of its own no-reply addresses. */
export function accountOf(world: World, { name, email }: { name: string; email: string }): Account | null {
  const login = /^(?:\d+\+)?([\w.[\]-]+)@users\.noreply\.github\.com$/.exec(email)?.[1];
  const found = [...world.accounts.values()].find(
    (account) => account.login === login || (account.email !== null && account.email === email),
  );
  return found ?? world.accounts.get(name.toLowerCase()) ?? null;
}

/** A commit with its author's account, as most answers show it. */
export function commitView(urls: Urls, repo: Repo, { commit, world }: { commit: CommitInfo; world: World }) {
  const api = repoApi(urls, repo);
  const html = repoHtml(urls, repo);
  const person = (who: CommitInfo["author"]) => {
    const account = accountOf(world, who);
    return account === null ? null : userView(urls, account);
  };
  return {
    sha: commit.sha,
    node_id: `C_${commit.sha}`,
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      url: `${api}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: VERIFICATION,
    },
    url: `${api}/commits/${commit.sha}`,
    html_url: `${html}/commit/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    author: person(commit.author),
    committer: person(commit.committer),
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/commits/${sha}`, html_url: `${html}/commit/${sha}` })),
  };
}

/** A commit as git has it. */
export function gitCommitView(urls: Urls, repo: Repo, commit: CommitInfo) {
  const api = repoApi(urls, repo);
  const html = repoHtml(urls, repo);
  return {
    sha: commit.sha,
    node_id: `C_${commit.sha}`,
    url: `${api}/git/commits/${commit.sha}`,
    html_url: `${html}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/git/commits/${sha}`,
      html_url: `${html}/commit/${sha}`,
    })),
    verification: VERIFICATION,
  };
}

export function fileView(urls: Urls, repo: Repo, { file, sha }: { file: FileChange; sha: string }) {
  const path = encodeURI(file.path);
  return {
    sha: file.blobSha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${repoHtml(urls, repo)}/blob/${sha}/${path}`,
    raw_url: `${repoHtml(urls, repo)}/raw/${sha}/${path}`,
    contents_url: `${repoApi(urls, repo)}/contents/${path}?ref=${sha}`,
    ...(file.patch === "" ? {} : { patch: file.patch }),
    ...(file.previousPath === null ? {} : { previous_filename: file.previousPath }),
  };
}

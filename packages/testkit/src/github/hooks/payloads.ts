import { type CommitInfo, type RefChange, ZERO } from "../git/bare.ts";
import type { Urls } from "../http/call.ts";
import type { CheckRun, CheckSuite, CommitStatus, Job, WorkflowRun } from "../model/checks.ts";
import type { Hook } from "../model/hooks.ts";
import type { Comment, Issue, Label, PullRequest } from "../model/issue.ts";
import type { QueueEntry, Review, ReviewComment, ReviewThread } from "../model/pull.ts";
import type { Repo } from "../model/repo.ts";
import { hookView } from "../rest/hooks.ts";
import { measure } from "../rest/pulls.ts";
import { userView } from "../views/accounts.ts";
import { checkView, jobView, runView, statusView, suiteView, workflowView } from "../views/checks.ts";
import { commentView, issueView, labelView, milestoneView } from "../views/issues.ts";
import { fullPullView, pullView, reviewCommentView, reviewView } from "../views/pulls.ts";
import { accountOf, commitView, fullRepoView, repoHtml } from "../views/repos.ts";
import type { Happening, World } from "../world.ts";

interface Scene {
  world: World;
  urls: Urls;
  repo: Repo;
  subject: Record<string, unknown>;
}

/** What GitHub posts for a happening. */
export async function payloadOf(world: World, happening: Happening, urls: Urls): Promise<Record<string, unknown>> {
  const { repo, event, action, actor, subject } = happening;
  const scene = { world, urls, repo, subject };
  const own = await (PAYLOADS[event] ?? (() => ({})))(scene);
  return {
    ...(action === null ? {} : { action }),
    ...own,
    repository: repositoryOf(urls, repo, event),
    ...(repo.owner.type === "Organization"
      ? {
          organization: {
            login: repo.owner.login,
            id: repo.owner.id,
            node_id: repo.owner.nodeId,
            description: null,
            ...orgLinks(urls, repo.owner.login),
          },
        }
      : {}),
    sender: userView(urls, actor),
  };
}

/** In a push, and only there, the organisation is a login and two times are numbers. */
function repositoryOf(urls: Urls, repo: Repo, event: string): Record<string, unknown> {
  const shown = fullRepoView(urls, repo, null);
  if (event !== "push") return shown;
  const seconds = (iso: string) => Math.floor(Date.parse(iso) / 1000);
  return {
    ...shown,
    created_at: seconds(repo.createdAt),
    pushed_at: seconds(repo.pushedAt),
    ...(repo.owner.type === "Organization" ? { organization: repo.owner.login } : {}),
  };
}

const orgLinks = (urls: Urls, login: string) => {
  const url = `${urls.api}/orgs/${login}`;
  return {
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${urls.html}/avatars/o`,
  };
};

type Payload = (scene: Scene) => Record<string, unknown> | Promise<Record<string, unknown>>;

/** The parts of a subject that are shown the same way in every event. */
function extras({ urls, repo, subject }: Scene): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const key of ["assignee", "requested_reviewer"])
    if (subject[key] !== undefined) shown[key] = userView(urls, subject[key] as never);
  if (subject.label !== undefined) shown.label = labelView(urls, repo, subject.label as Label);
  if (subject.milestone != null) shown.milestone = milestoneView(urls, repo, subject.milestone as never);
  for (const key of ["changes", "before", "after", "reason"]) if (subject[key] !== undefined) shown[key] = subject[key];
  return shown;
}

async function pullPayload(scene: Scene) {
  const pr = scene.subject.pull_request as PullRequest;
  return {
    number: pr.number,
    pull_request: fullPullView(scene.urls, pr, await measure(scene.world, pr)),
    ...extras(scene),
  };
}

function commitPayload({ world, urls, repo }: Scene, commit: CommitInfo) {
  const person = ({ name, email }: CommitInfo["author"]) => {
    const login = accountOf(world, { name, email })?.login;
    return { name, email, ...(login === undefined ? {} : { username: login }) };
  };
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.author.date,
    url: `${repoHtml(urls, repo)}/commit/${commit.sha}`,
    author: person(commit.author),
    committer: person(commit.committer),
    added: [],
    removed: [],
    modified: [],
  };
}

function pushPayload(scene: Scene) {
  const { change, commits, forced } = scene.subject as { change: RefChange; commits: CommitInfo[]; forced: boolean };
  const shown = commits.map((commit) => commitPayload(scene, commit));
  const before = change.before ?? ZERO;
  const after = change.after ?? ZERO;
  return {
    ref: change.ref,
    before,
    after,
    pusher: { name: scene.repo.owner.login, email: scene.repo.owner.email ?? "noreply@github.com" },
    created: change.before === null,
    deleted: change.after === null,
    forced,
    base_ref: null,
    compare: `${repoHtml(scene.urls, scene.repo)}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`,
    commits: change.before === null ? [] : shown,
    head_commit: change.after === null ? null : (shown.at(-1) ?? null),
  };
}

const PAYLOADS: Record<string, Payload> = {
  ping: (scene) => ({
    zen: "Keep it logically awesome.",
    hook_id: (scene.subject.hook as Hook).id,
    hook: hookView(scene, scene.subject.hook as Hook),
  }),
  push: pushPayload,
  create: ({ subject, repo }) => ({
    ...subject,
    master_branch: repo.defaultBranch,
    description: repo.description,
    pusher_type: "user",
  }),
  delete: ({ subject }) => ({ ...subject, pusher_type: "user" }),
  issues: (scene) => ({ issue: issueView(scene.urls, scene.subject.issue as Issue), ...extras(scene) }),
  issue_comment: (scene) => ({
    issue: issueView(scene.urls, scene.subject.issue as Issue),
    comment: commentView(scene.urls, scene.subject.comment as Comment),
    ...extras(scene),
  }),
  pull_request: pullPayload,
  pull_request_review: ({ urls, subject }) => {
    const pr = subject.pull_request as PullRequest;
    const review = reviewView(urls, pr, subject.review as Review);
    // Here, and only here, the state is in lower case.
    return { review: { ...review, state: review.state.toLowerCase() }, pull_request: pullView(urls, pr) };
  },
  pull_request_review_comment: (scene) => {
    const pr = scene.subject.pull_request as PullRequest;
    return {
      comment: reviewCommentView(scene.urls, pr, scene.subject.comment as ReviewComment),
      pull_request: pullView(scene.urls, pr),
      ...extras(scene),
    };
  },
  pull_request_review_thread: ({ urls, subject }) => {
    const pr = subject.pull_request as PullRequest;
    const thread = subject.thread as ReviewThread;
    return {
      thread: { node_id: thread.nodeId, comments: thread.comments.map((one) => reviewCommentView(urls, pr, one)) },
      pull_request: pullView(urls, pr),
    };
  },
  check_run: ({ urls, subject }) => {
    const check = subject.check_run as CheckRun;
    return {
      check_run: {
        ...checkView(urls, check),
        check_suite: { id: check.suite.id, head_sha: check.sha, head_branch: check.suite.branch },
      },
    };
  },
  check_suite: async ({ urls, subject, repo }) => {
    const suite = subject.check_suite as CheckSuite;
    return { check_suite: suiteView(urls, suite, await repo.git.commit(suite.sha)) };
  },
  status: async (scene) => {
    const status = scene.subject.status as CommitStatus;
    const commit = await scene.repo.git.commit(status.sha);
    return {
      ...statusView(scene.urls, scene.repo, status),
      sha: status.sha,
      name: `${scene.repo.owner.login}/${scene.repo.name}`,
      commit: commitView(scene.urls, scene.repo, { commit, world: scene.world }),
      branches: [],
    };
  },
  workflow_run: async ({ urls, subject, repo }) => {
    const run = subject.workflow_run as WorkflowRun;
    return {
      workflow_run: runView(urls, run, await repo.git.commit(run.sha)),
      workflow: workflowView(urls, repo, run.workflow),
    };
  },
  workflow_job: ({ urls, subject }) => ({ workflow_job: jobView(urls, subject.workflow_job as Job) }),
  merge_group: async (scene) => {
    const entry = scene.subject.entry as QueueEntry;
    const commit = entry.headSha === null ? null : await scene.repo.git.commit(entry.headSha);
    return {
      merge_group: {
        head_sha: entry.headSha,
        head_ref: `refs/heads/${entry.headRef}`,
        base_sha: entry.pr.pull.baseSha,
        base_ref: `refs/heads/${entry.base}`,
        head_commit: commit === null ? null : commitPayload(scene, commit),
      },
      ...extras(scene),
    };
  },
};

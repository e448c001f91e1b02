import {
  actionsApp,
  approveRun,
  finishJob,
  type JobEnd,
  type NewRun,
  rerun,
  startJob,
  startRun,
} from "./domain/actions.ts";
import { addCheck, addStatus, type NewCheck, updateCheck } from "./domain/checks.ts";
import { addComment, block, closeIssue, type NewIssue, openIssue, setAssignees, setLabels } from "./domain/issues.ts";
import { mergePull } from "./domain/merge.ts";
import { setProtection } from "./domain/protection.ts";
import { certainMergeability, type NewPull, openPull, setDraft } from "./domain/pulls.ts";
import { moveRef } from "./domain/refs.ts";
import { forkRepo, moveRepo } from "./domain/repos.ts";
import { addReview, dismissReview, editReviewComment, type NewReview, reply, setResolved } from "./domain/reviews.ts";
import { NO_DEMANDS } from "./domain/rules.ts";
import type { Role } from "./model/accounts.ts";
import type { CheckRun, CommitStatus, Job, WorkflowRun } from "./model/checks.ts";
import type { Hook } from "./model/hooks.ts";
import type { Comment, Issue, PullRequest } from "./model/issue.ts";
import type { MergeMethod, Review, ReviewComment, ReviewThread } from "./model/pull.ts";
import type { Demands, Repo, Ruleset, Settings } from "./model/repo.ts";
import { fullName, isPull, type World } from "./world.ts";

type By<T> = Omit<T, "author" | "actor"> & { by: string };

/**
 * One repository as a test sees and moves it. What changes it happens exactly as if somebody had used the site: webhooks are posted, and
 * pull requests follow their branches. People are named by their logins.
 */
export class RepoControl {
  readonly world: World;
  readonly repo: Repo;

  constructor(world: World, repo: Repo) {
    this.world = world;
    this.repo = repo;
  }

  get fullName(): string {
    return fullName(this.repo);
  }

  issue(number: number): Issue {
    const issue = this.repo.issues.get(number);
    if (issue === undefined) throw new Error(`${this.fullName} has no #${number}`);
    return issue;
  }

  pull(number: number): PullRequest {
    const issue = this.issue(number);
    if (!isPull(issue)) throw new Error(`${this.fullName}#${number} is an issue`);
    return issue;
  }

  openIssue({ by, ...given }: By<NewIssue>): Issue {
    return openIssue(this.world, this.repo, { author: this.world.account(by), ...given });
  }

  closeIssue(number: number, { by, reason }: { by: string; reason?: Issue["stateReason"] }): void {
    closeIssue(this.world, this.issue(number), { actor: this.world.account(by), reason: reason ?? "completed" });
  }

  label(number: number, names: string[], by: string): void {
    setLabels(this.world, this.issue(number), { names, actor: this.world.account(by) });
  }

  assign(number: number, logins: string[], by: string): void {
    setAssignees(this.world, this.issue(number), { logins, actor: this.world.account(by) });
  }

  /** The issue waits for another one, of any repository, as its author says. */
  addSubIssue(number: number, child: Issue): void {
    const parent = this.issue(number);
    child.parent = parent;
    parent.subIssues.push(child);
  }

  block(number: number, blocker: Issue): void {
    const issue = this.issue(number);
    block(this.world, issue, { by: blocker, actor: issue.author });
  }

  comment(number: number, { by, body }: { by: string; body: string }): Comment {
    return addComment(this.world, this.issue(number), { author: this.world.account(by), body });
  }

  /** Commits files on top of a branch, which is made from `from` (the default branch) when it is not there. Returns the commit. */
  async pushCommit(
    branch: string,
    given: { by: string; files: Record<string, string | null>; message?: string; from?: string },
  ): Promise<string> {
    const { world, repo } = this;
    return world.exclusive(async () => {
      const actor = world.account(given.by);
      const ref = `refs/heads/${branch}`;
      const before = await repo.git.resolve(ref);
      const parent = before ?? (await repo.git.resolve(`refs/heads/${given.from ?? repo.defaultBranch}`));
      const tree = await repo.git.treeWith(parent, given.files);
      const by = {
        name: actor.name ?? actor.login,
        email: actor.email ?? `${actor.login}@users.noreply.github.com`,
        at: world.now(),
      };
      const after = await repo.git.commitTree(tree, parent === null ? [] : [parent], {
        message: given.message ?? `Change ${Object.keys(given.files).join(", ")}`,
        by,
      });
      await moveRef(world, repo, { change: { ref, before, after }, actor });
      return after;
    });
  }

  async deleteBranch(branch: string, by: string): Promise<void> {
    const ref = `refs/heads/${branch}`;
    await this.world.exclusive(async () => {
      const before = await this.repo.git.resolve(ref);
      await moveRef(this.world, this.repo, { change: { ref, before, after: null }, actor: this.world.account(by) });
    });
  }

  openPull({ by, ...given }: By<Omit<NewPull, "base">> & { base?: string }): Promise<PullRequest> {
    const wish = { base: this.repo.defaultBranch, ...given, author: this.world.account(by) };
    return this.world.exclusive(() => openPull(this.world, this.repo, wish));
  }

  ready(number: number, by: string): void {
    setDraft(this.world, this.pull(number), { isDraft: false, actor: this.world.account(by) });
  }

  merge(number: number, { by, method = "merge" }: { by: string; method?: MergeMethod }): Promise<string> {
    return this.world.exclusive(() =>
      mergePull(this.world, this.pull(number), { actor: this.world.account(by), method }),
    );
  }

  /** Computes mergeability now, so that no answer says UNKNOWN. */
  async knowMergeability(number: number): Promise<void> {
    await certainMergeability(this.world, this.pull(number));
  }

  /** Keeps mergeability UNKNOWN until `holdUnknown(number, false)`. */
  holdUnknown(number: number, isHeld = true): void {
    this.pull(number).pull.isHeldUnknown = isHeld;
  }

  review(number: number, { by, ...given }: By<NewReview>): Promise<Review> {
    return this.world.exclusive(() =>
      addReview(this.world, this.pull(number), { author: this.world.account(by), ...given }),
    );
  }

  dismiss(number: number, review: Review, by: string): void {
    dismissReview(this.world, this.pull(number), { review, actor: this.world.account(by) });
  }

  threads(number: number): ReviewThread[] {
    return this.pull(number).pull.threads;
  }

  reply(number: number, thread: ReviewThread, { by, body }: { by: string; body: string }): Promise<ReviewComment> {
    return this.world.exclusive(() =>
      reply(this.world, this.pull(number), { thread, author: this.world.account(by), body }),
    );
  }

  editReviewComment(number: number, comment: ReviewComment, { by, body }: { by: string; body: string }): void {
    editReviewComment(this.world, this.pull(number), { comment, body, actor: this.world.account(by) });
  }

  resolve(number: number, thread: ReviewThread, by: string): void {
    const actor = this.world.account(by);
    setResolved(this.world, this.pull(number), { thread, by: actor, actor });
  }

  unresolve(number: number, thread: ReviewThread, by: string): void {
    setResolved(this.world, this.pull(number), { thread, by: null, actor: this.world.account(by) });
  }

  /** A check run of an app, by default of an app named `ci`. */
  addCheck(given: Omit<NewCheck, "app"> & { app?: string }): CheckRun {
    const { app = "ci", ...rest } = given;
    const found = this.world.apps.find(({ slug }) => slug === app);
    if (found === undefined) throw new Error(`no app ${app}`);
    return addCheck(this.world, this.repo, { ...rest, app: found });
  }

  updateCheck(check: CheckRun, change: Parameters<typeof updateCheck>[2]): void {
    updateCheck(this.world, check, change);
  }

  addStatus({ by, ...given }: Omit<Parameters<typeof addStatus>[2], "creator"> & { by: string }): CommitStatus {
    return addStatus(this.world, this.repo, { ...given, creator: this.world.account(by) } as never);
  }

  startRun({ by, ...given }: By<NewRun>): WorkflowRun {
    return startRun(this.world, this.repo, { actor: this.world.account(by), ...given });
  }

  startJob(job: Job): void {
    startJob(this.world, job);
  }

  finishJob(job: Job, end: JobEnd): void {
    if (job.check.status === "queued") startJob(this.world, job);
    finishJob(this.world, job, end);
  }

  /** A whole run of one job that ends as said. */
  finishCheck(
    sha: string,
    { name, branch = "main", by, ...end }: JobEnd & { name: string; branch?: string; by: string },
  ): Job {
    const run = this.startRun({ sha, branch, by, jobs: [{ name }] });
    const [job] = run.jobs;
    if (job === undefined) throw new Error("the run has no job");
    this.finishJob(job, end);
    return job;
  }

  approveRun(run: WorkflowRun): void {
    approveRun(this.world, run);
  }

  rerun(run: WorkflowRun, only: "all" | "failed" | Job = "failed"): void {
    rerun(this.world, run, only);
  }

  get actionsAppId(): number {
    return actionsApp(this.world).id;
  }

  /** Classic branch protection. */
  async protect(branch: string, demands: Partial<Demands> | null): Promise<void> {
    await setProtection(this.repo, branch, demands === null ? null : { ...NO_DEMANDS, ...demands });
  }

  addRuleset(
    name: string,
    given: { branches?: string[]; demands: Partial<Demands>; enforcement?: Ruleset["enforcement"] },
  ): Ruleset {
    const { branches = ["~DEFAULT_BRANCH"], demands, enforcement = "active" } = given;
    const set = this.world.add<Ruleset>("RRS", {
      name,
      branches,
      enforcement,
      demands: { ...NO_DEMANDS, ...demands },
      createdAt: this.world.iso(),
    });
    this.repo.rulesets.push(set);
    return set;
  }

  allow(login: string, role: Role): void {
    this.repo.collaborators.set(this.world.account(login).login, role);
  }

  set(settings: Partial<Settings>): void {
    Object.assign(this.repo.settings, settings);
  }

  async fork(by: string): Promise<RepoControl> {
    return new RepoControl(this.world, await forkRepo(this.world, this.repo, { owner: this.world.account(by) }));
  }

  move(to: { owner?: string; name?: string }): void {
    moveRepo(this.world, this.repo, {
      ...(to.owner === undefined ? {} : { owner: this.world.account(to.owner) }),
      ...(to.name === undefined ? {} : { name: to.name }),
    });
  }

  hook(given: { url: string; secret?: string; events?: string[] }): Hook {
    const now = this.world.iso();
    const { url, secret = null, events = ["*"] } = given;
    const hook: Hook = {
      id: this.world.nextId(),
      url,
      secret,
      contentType: "json",
      events,
      isActive: true,
      createdAt: now,
      updatedAt: now,
      deliveries: [],
    };
    this.repo.hooks.push(hook);
    return hook;
  }
}

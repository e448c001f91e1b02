import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { CreatePRInput } from "@agent-orchestrator/core/slots/scm";
import { isFailedRequest, statusOf } from "@agent-orchestrator/plugin-kit/github/errors";
import { sayIn } from "@agent-orchestrator/plugin-kit/github/missing";
import type { Desk } from "./desk.ts";
import { bodyOf } from "./pr-body.ts";
import { toInfo } from "./pull-request.ts";
import { pushBranch } from "./push.ts";
import { target } from "./scm.ts";

/** A pull request as REST gives it, as far as we use it. */
export interface RestPullRequest {
  number: number;
  html_url: string;
  title: string;
  draft?: boolean;
  head: { ref: string; repo: { full_name: string } | null };
  base: { ref: string; repo: { full_name: string } };
}

/** Pushes the branch and opens its pull request, or returns the one that is open. */
export async function createPR(desk: Desk, input: CreatePRInput, options: CallOptions = {}): Promise<PRInfo> {
  await pushBranch(desk, input, options);
  const before = await openOne(desk, input.branch, options);
  if (before !== null) return before;
  const created = await desk.github.say(`open a pull request for ${input.branch}`, () => post(desk, input, options));
  if (created === null) {
    const meanwhile = await openOne(desk, input.branch, options);
    if (meanwhile !== null) return meanwhile;
    throw new AoError("TRY_AGAIN", `GitHub says that ${input.branch} has a pull request, but does not list it yet`);
  }
  await decorate(desk, created.number, options);
  return fromRest(desk, created);
}

export const fromRest = (desk: Desk, pr: RestPullRequest): PRInfo =>
  toInfo(
    {
      number: pr.number,
      url: pr.html_url,
      title: pr.title,
      isDraft: pr.draft === true,
      headRefName: pr.head.ref,
      baseRefName: pr.base.ref,
      isCrossRepository: pr.head.repo?.full_name !== pr.base.repo.full_name,
      headRepository: pr.head.repo && { nameWithOwner: pr.head.repo.full_name },
    },
    desk.repo,
  );

async function openOne(desk: Desk, branch: string, options: CallOptions): Promise<PRInfo | null> {
  const step = () =>
    desk.github.rest.pulls.list({ ...target(desk, options), state: "open", head: `${desk.repo.owner}:${branch}` });
  const what = `look for a pull request of ${branch}`;
  const { data } = await sayIn(desk.github, { what, place: { repo: desk.repo }, step }, options);
  const found = data.find(({ head }) => head.ref === branch);
  return found === undefined ? null : fromRest(desk, found);
}

/** Null if GitHub has one already. */
async function post(desk: Desk, input: CreatePRInput, options: CallOptions): Promise<RestPullRequest | null> {
  try {
    const { data } = await desk.writer.rest.pulls.create({
      ...target(desk, options),
      title: input.title,
      body: await bodyOf(desk, input),
      head: input.branch,
      base: input.baseBranch,
      draft: input.isDraft ?? false,
    });
    return data;
  } catch (error) {
    if (isFailedRequest(error) && error.status === 422) {
      const said = JSON.stringify(error.response?.data ?? "");
      if (/A pull request already exists/i.test(said)) return null;
      if (/"field":"base","code":"invalid"/.test(said)) {
        throw new AoError("REFUSED", `${input.baseBranch}, which ${input.branch} is based on, is not on GitHub`, {
          hint: "Open the pull request of that branch first, with `ao pr create` in its session.",
        });
      }
      if (/No commits between/i.test(said)) {
        throw new AoError("REFUSED", `${input.branch} has no commits that ${input.baseBranch} does not have`, {
          hint: "Commit your changes first.",
        });
      }
    }
    throw error;
  }
}

/** Labels and reviewers of the config. The pull request is open, whether they can be set or not. */
async function decorate(desk: Desk, number: number, options: CallOptions): Promise<void> {
  const { labels, reviewers } = desk.options;
  const warn = (what: string) => (error: unknown) =>
    desk.context.log.warn(`pull request ${number}: ${what}${error instanceof Error ? error.message : String(error)}`);
  if (labels.length > 0) {
    const given = { ...target(desk, options), issue_number: number, labels };
    await desk.writer.rest.issues.addLabels(given).catch(warn(""));
  }
  if (reviewers.length === 0) return;
  const ask = (some: string[]) =>
    desk.writer.rest.pulls.requestReviewers({ ...target(desk, options), pull_number: number, reviewers: some });
  try {
    await ask(reviewers);
  } catch (error) {
    // One that GitHub does not take is enough for it to ask nobody.
    if (statusOf(error) !== 422) return warn("")(error);
    for (const one of reviewers) await ask([one]).catch(warn(`${one} was not asked for a review: `));
  }
}

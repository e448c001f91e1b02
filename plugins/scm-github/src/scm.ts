import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { SCM } from "@agent-orchestrator/core/slots/scm";
import { findConflicts } from "@agent-orchestrator/plugin-kit/git/conflicts";
import { visible } from "@agent-orchestrator/plugin-kit/github/visible";
import { agentEnvironment } from "./agent-environment.ts";
import { check } from "./check.ts";
import { checkLog } from "./check-log.ts";
import { createPR, fromRest } from "./create-pr.ts";
import type { Desk } from "./desk.ts";
import { createDetect } from "./detect.ts";
import { fetchHead } from "./fetch-head.ts";
import { markReady } from "./mark-ready.ts";
import { merge } from "./merge.ts";
import { moveBranch } from "./move-branch.ts";
import { gitHostOf } from "./push.ts";
import { rerunChecks } from "./rerun.ts";
import { submitReview } from "./submit-review.ts";
import { toText } from "./text.ts";
import { replyTo, resolveThread } from "./threads.ts";
import { createWatch } from "./watch.ts";
import { createDeliveries, isSigned } from "./webhook.ts";

/** How often core asks. What costs a request is decided here, by what can have changed. */
const POLL_MS = 5_000;

/** Pull requests, checks and reviews on GitHub. See docs/slots/scm.md. */
export function createScm(desk: Desk): SCM {
  const watch = createWatch(desk);
  const deliveries = createDeliveries(desk.repo);
  const detect = createDetect(desk, watch);
  const fresh = (pr: PRInfo, options?: CallOptions) => watch.fresh(pr.number, options);
  /** Whatever we change ourselves is looked at again at once. */
  const changing = async <T>(number: number | undefined, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } finally {
      watch.changed(number);
    }
  };
  return {
    name: "github",
    pollMs: POLL_MS,
    detectPR: (session, _project, options) => detect(session.branch, options),
    getPR: (number, options) => getPR(desk, number, options),
    fetchPR: (pr, branch, options) => fetchHead(desk, { number: pr.number, branch }, options),
    getPRState: async (pr, options) => (await fresh(pr, options)).state,
    getPRSummary: (pr, options) => summary(desk, pr, options),
    getCIChecks: async (pr, options) => (await fresh(pr, options)).checks,
    getCISummary: async (pr, options) => (await fresh(pr, options)).ci,
    getReviews: async (pr, options) => (await fresh(pr, options)).reviews,
    getReviewDecision: async (pr, options) => (await fresh(pr, options)).review,
    getPendingComments: async (pr, options) => (await fresh(pr, options)).comments,
    getAutomatedComments: async (pr, options) => (await fresh(pr, options)).botComments,
    getMergeability: async (pr, options) => (await fresh(pr, options)).readiness,
    getSnapshots: (prs, options) =>
      options?.isFresh === true
        ? Promise.all(prs.map(({ number }) => watch.fresh(number, options)))
        : watch.read(prs, options),
    lastLook: ({ number }) => watch.lastLook(number),
    mergePR: (pr, method, options) => changing(pr.number, () => merge(desk, pr, { method, ...options })),
    closePR: (pr, options) => changing(pr.number, () => close(desk, pr, options)),
    createPR: (input, options) => changing(undefined, () => createPR(desk, input, options)),
    markReady: (pr, options) => changing(pr.number, () => markReady(desk, pr, options)),
    setBase: (pr, baseBranch, options) => changing(pr.number, () => setBase(desk, { pr, baseBranch }, options)),
    moveBranch: (from, to, options) => changing(undefined, () => moveBranch(desk, { from, to }, options)),
    submitReview: (pr, review, options) => changing(pr.number, () => submitReview(desk, { pr, review }, options)),
    // biome-ignore lint/complexity/useMaxParams: the slot has these
    replyTo: (pr, commentId, body, options) =>
      changing(pr.number, () => replyTo(desk, { pr, commentId, body }, options)),
    resolve: (pr, commentId, options) => changing(pr.number, () => resolveThread(desk, { pr, commentId }, options)),
    getDiff: (pr, options) => diff(desk, pr, options),
    getAgentEnvironment: (options) => agentEnvironment(desk, options),
    check: (options) => check(desk, options),
    rerunChecks: (pr, checks, options) => changing(pr.number, () => rerunChecks(desk, checks, options)),
    getConflicts: ({ branch, baseBranch }, ends) =>
      findConflicts(gitHostOf(desk), desk.project.path, { branch, baseBranch, ...ends }),
    getCheckLog: (_pr, check, options) => checkLog(desk, check, options),
    verifyWebhook: async (headers, rawBody) => isSigned(desk.options.webhook?.secret, { headers, rawBody }),
    async parseWebhook(headers, rawBody) {
      const hints = deliveries.hintsOf({ headers, rawBody });
      for (const { number, branch } of hints) watch.changed(number ?? branch);
      return hints;
    },
  };
}

/** Which repository and which request, as Octokit takes it. */
export const target = ({ repo }: Desk, { signal }: CallOptions = {}) => ({
  owner: repo.owner,
  repo: repo.name,
  ...(signal === undefined ? {} : { request: { signal } }),
});

async function summary(desk: Desk, pr: PRInfo, options?: CallOptions) {
  const { data } = await desk.github.say(`read pull request ${pr.number}`, () =>
    desk.github.rest.pulls.get({ ...target(desk, options), pull_number: pr.number }),
  );
  const state = data.merged ? "merged" : data.state === "closed" ? "closed" : data.draft ? "draft" : "open";
  const { title, additions, deletions } = data;
  return { state, title, body: visible(data.body ?? ""), additions, deletions } as const;
}

async function getPR(desk: Desk, number: number, options?: CallOptions): Promise<PRInfo> {
  const { data } = await desk.github.say(`read pull request ${number} of ${desk.repo.owner}/${desk.repo.name}`, () =>
    desk.github.rest.pulls.get({ ...target(desk, options), pull_number: number }),
  );
  return fromRest(desk, data);
}

/** GitHub does so itself where the base's branch is deleted after its merge. */
async function setBase(
  desk: Desk,
  { pr, baseBranch }: { pr: PRInfo; baseBranch: string },
  options?: CallOptions,
): Promise<void> {
  const where = { ...target(desk, options), pull_number: pr.number };
  const what = `base pull request ${pr.number} on ${baseBranch}`;
  const { data } = await desk.github.say(what, () => desk.github.rest.pulls.get(where));
  if (data.base.ref === baseBranch || data.state === "closed") return;
  await desk.github.say(what, () => desk.github.rest.pulls.update({ ...where, base: baseBranch }));
}

async function close(desk: Desk, pr: PRInfo, options?: CallOptions): Promise<void> {
  await desk.github.say(`close pull request ${pr.number}`, () =>
    desk.github.rest.pulls.update({ ...target(desk, options), pull_number: pr.number, state: "closed" }),
  );
}

async function diff(desk: Desk, pr: PRInfo, options?: CallOptions): Promise<string> {
  const { data } = await desk.github.say(`read the diff of pull request ${pr.number}`, () =>
    desk.github.rest.pulls.get({
      ...target(desk, options),
      pull_number: pr.number,
      mediaType: { format: "diff" },
    }),
  );
  return toText(data);
}

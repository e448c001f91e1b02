import { join } from "node:path";
import { isoNow } from "@agent-orchestrator/core/host/clock";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CICheck, PRInfo, PRSnapshot } from "@agent-orchestrator/core/model/pull-request";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { SCM } from "@agent-orchestrator/core/slots/scm";
import { type Ends, findConflicts } from "@agent-orchestrator/plugin-kit/git/conflicts";
import { type Proceed, untilAborted } from "@agent-orchestrator/plugin-kit/until-aborted";
import { authorOf } from "./author.ts";
import { moveBases, moveBranch } from "./bases.ts";
import { forkPoint } from "./branch-facts.ts";
import { failingPart, readEnd } from "./check-log.ts";
import { removePlaces } from "./ci/place.ts";
import { createPR } from "./create-pr.ts";
import { amend, type Desk, findByBranch, infoOf, recordOf, tipsOf } from "./desk.ts";
import { merge } from "./merge.ts";
import type { CommentRecord, PRRecord } from "./records.ts";
import { createSnapshots, stateOf } from "./snapshot.ts";
import { submitReview } from "./submit-review.ts";
import { createWatch } from "./watch.ts";

const POLL_MS = 1_000;
const MAX_DIFF_BYTES = 64 << 20;

/** What pull requests without a forge have no use for. */
type Missing =
  | "check"
  | "getAgentEnvironment"
  | "lastLook"
  | "parseWebhook"
  | "rerunChecks"
  | "setBase"
  | "verifyWebhook";

/** Pull requests made of branches and files. See docs/slots/scm.md. */
export function createScm(desk: Desk): Required<Omit<SCM, Missing>> {
  const snapshots = createSnapshots(desk);
  const snapshot = async (pr: PRInfo): Promise<PRSnapshot> => {
    const [found] = await snapshots.read([recordOf(desk, pr)]);
    if (found !== undefined && found !== null) return found;
    const why = snapshots.whyNot(pr.number);
    throw new AoError("UNREACHABLE", `pull request ${pr.number} could not be read${why === null ? "" : `: ${why}`}`, {
      hint: "`ao` tries again every 30 s.",
    });
  };
  const part =
    <T>(pick: (found: PRSnapshot) => T) =>
    (pr: PRInfo, options?: CallOptions): Promise<T> =>
      untilAborted(options?.signal, async () => pick(await snapshot(pr)));
  return {
    name: "local",
    pollMs: POLL_MS,
    async detectPR({ branch }, _project, options) {
      options?.signal?.throwIfAborted();
      const record = findByBranch(desk, branch);
      return record === null ? null : infoOf(desk, record);
    },
    async getPR(number, options) {
      options?.signal?.throwIfAborted();
      return infoOf(desk, recordOf(desk, { number }));
    },
    fetchPR: (pr, branch, options) => untilAborted(options?.signal, () => requireBranch(desk, pr, branch)),
    getPRState: part(({ state }) => state),
    getPRSummary: (pr, options) => untilAborted(options?.signal, async () => summarize(desk, recordOf(desk, pr))),
    getCIChecks: part(({ checks }) => checks),
    getCISummary: part(({ ci }) => ci),
    getReviews: part(({ reviews }) => reviews),
    getReviewDecision: part(({ review }) => review),
    getPendingComments: part(({ comments }) => comments),
    getAutomatedComments: part(({ botComments }) => botComments),
    getMergeability: part(({ readiness }) => readiness),
    getSnapshots: (prs, options) =>
      untilAborted(options?.signal, async () => {
        const { get } = desk.prs.view();
        const records = prs.map((pr) => get(String(pr.number)));
        return snapshots.read(records, { isPaced: true });
      }),
    getDiff: (pr, options) => untilAborted(options?.signal, async () => diffOf(desk, recordOf(desk, pr))),
    getConflicts: (pr, ends) => untilAborted(ends.signal, () => conflictsOf(desk, pr, ends)),
    async getCheckLog(pr, check, options) {
      options?.signal?.throwIfAborted();
      return logOf(desk, { pr, check, maxBytes: options?.maxBytes });
    },
    uninstall: () => removePlaces(desk),
    commandLines: () => [
      ...(desk.options.ciSetup ?? []).map((line) => ({ where: "scm.ciSetup", line })),
      ...desk.options.ci.map(({ name, run }) => ({ where: `scm.ci.${name}`, line: run })),
    ],
    watch: createWatch(desk),
    ...changesOf(desk),
  };
}

async function conflictsOf(
  desk: Desk,
  { branch, baseBranch }: PRInfo,
  { headSha, baseSha }: Pick<Ends, "headSha" | "baseSha">,
) {
  const { host, path } = await desk.repository();
  return findConflicts(host, path, { branch, baseBranch, headSha, baseSha });
}

/** What changes something. The caller can give up until it is written. */
function changesOf(desk: Desk) {
  const change = <T>(options: CallOptions | undefined, work: (proceed: Proceed) => Promise<T>) =>
    untilAborted(options?.signal, work);
  return {
    mergePR: (pr, method, options) => change(options, (proceed) => merge(desk, pr, { method, options, proceed })),
    closePR: (pr, options) => change(options, (proceed) => closePR(desk, pr, proceed)),
    createPR: (input, options) => change(options, (proceed) => createPR(desk, input, proceed)),
    async markReady(pr, options) {
      options?.signal?.throwIfAborted();
      markReady(desk, pr);
    },
    async moveBranch(from, to, options) {
      options?.signal?.throwIfAborted();
      moveBranch(desk, from, to);
    },
    submitReview: (pr, review, options) => change(options, (proceed) => submitReview(desk, pr, { ...review, proceed })),
    // biome-ignore lint/complexity/useMaxParams: the slot has these
    replyTo: (pr, commentId, body, options) =>
      change(options, (proceed) => replyTo(desk, pr, { commentId, body, id: options?.id, proceed })),
    async resolve(pr, commentId, options) {
      options?.signal?.throwIfAborted();
      resolveThread(desk, pr, commentId);
    },
  } satisfies Partial<SCM>;
}

async function summarize(desk: Desk, record: PRRecord) {
  const repository = await desk.repository();
  const { head, base } = tipsOf(repository.refs, record);
  const hasBoth = head !== null && base !== null;
  const facts = hasBoth ? await desk.facts(repository, { head: head.sha, base, landed: record.landed }) : null;
  const { additions = 0, deletions = 0 } = facts ?? {};
  return { state: stateOf(record), title: record.title, body: record.body, additions, deletions };
}

/** Its branch is here already. */
async function requireBranch(desk: Desk, pr: PRInfo, branch: string): Promise<void> {
  const { refs } = await desk.repository();
  if (branch === recordOf(desk, pr).branch && refs.read(`refs/heads/${branch}`) !== null) return;
  throw new AoError("NOT_FOUND", `pull request ${pr.number} has no branch ${branch} any more`);
}

async function closePR(desk: Desk, pr: PRInfo, proceed: Proceed): Promise<void> {
  const record = recordOf(desk, pr);
  if (record.state === "closed") return;
  if (record.state === "merged") throw new AoError("REFUSED", `pull request ${record.number} is merged`);
  const { refs } = await desk.repository();
  proceed();
  amend(desk, record.number, () => ({ state: "closed", closedAt: isoNow(desk.context.clock), merging: null }));
  moveBases(desk, refs);
}

function markReady(desk: Desk, pr: PRInfo): void {
  const record = recordOf(desk, pr);
  if (record.state !== "open") throw new AoError("REFUSED", `pull request ${record.number} is ${record.state}`);
  if (record.isDraft) amend(desk, record.number, () => ({ isDraft: false }));
}

function threadOf(record: PRRecord, commentId: string): CommentRecord {
  const found = record.comments.find((comment) => comment.id === commentId);
  if (found !== undefined) return found;
  throw new AoError("NOT_FOUND", `pull request ${record.number} has no comment ${commentId}`);
}

async function replyTo(
  desk: Desk,
  pr: PRInfo,
  reply: { commentId: string; body: string; id: string | undefined; proceed: Proceed },
): Promise<void> {
  const { replies } = threadOf(recordOf(desk, pr), reply.commentId);
  if (reply.id !== undefined && replies.some(({ id }) => id === reply.id)) return;
  const author = await authorOf(desk, await desk.repository());
  reply.proceed();
  const added = {
    ...(reply.id === undefined ? {} : { id: reply.id }),
    author,
    body: reply.body,
    createdAt: isoNow(desk.context.clock),
  };
  amend(desk, pr.number, (now) => ({
    comments: now.comments.map((comment) =>
      comment.id === reply.commentId ? { ...comment, replies: [...comment.replies, added] } : comment,
    ),
  }));
}

function resolveThread(desk: Desk, pr: PRInfo, commentId: string): void {
  threadOf(recordOf(desk, pr), commentId);
  amend(desk, pr.number, (now) => ({
    comments: now.comments.map((comment) => (comment.id === commentId ? { ...comment, isResolved: true } : comment)),
  }));
}

/** The changes from the merge base to the tip, or what the merge brought in if it is merged. */
async function diffOf(desk: Desk, record: PRRecord): Promise<string> {
  const repository = await desk.repository();
  const { head, base } = tipsOf(repository.refs, record);
  const to = record.state === "open" ? (head?.sha ?? record.headSha) : record.headSha;
  if (base === null) throw new AoError("NOT_FOUND", `the base ${record.baseBranch} is gone`);
  const from =
    record.mergeSha === null
      ? await forkPoint(repository, { head: to, base, landed: record.landed })
      : (await repository.lab(["rev-parse", "--verify", `${record.mergeSha}^1`])).stdout.trim();
  const ends = record.mergeSha === null ? [from, to] : [from, record.mergeSha];
  const options = ["--no-ext-diff", "--no-textconv", "--no-color", "-M"];
  return (await repository.lab(["diff", ...options, ...ends], { maxBytes: MAX_DIFF_BYTES })).stdout;
}

function logOf(
  desk: Desk,
  { pr, check, maxBytes }: { pr: PRInfo; check: CICheck; maxBytes: number | undefined },
): string {
  const record = recordOf(desk, pr);
  const log = pathOfLog(desk, record, check);
  const text = log === null ? null : readEnd(join(desk.context.stateDir, log), desk.options.ciMaxLogBytes + 4_096);
  if (text === null)
    throw new AoError("NOT_FOUND", `there is no log of ${check.name}`, { hint: "It has not run yet." });
  return failingPart(text, maxBytes);
}

/** Returns a finished check of this head, or the log of the set-up if that failed. */
function pathOfLog(desk: Desk, record: PRRecord, check: CICheck): string | null {
  const head = typeof check.headSha === "string" ? check.headSha : record.headSha;
  const commit = desk.checks.get(head);
  if (check.conclusion === "setup-failed") return commit?.setupFailure?.log ?? null;
  return commit?.results[check.name]?.log ?? null;
}

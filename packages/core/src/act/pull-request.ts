import { answerWithin } from "../host/deadline.ts";
import { failpoint } from "../host/failpoint.ts";
import { AoError, toAoError } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import { draftModeOf, type ProjectConfig, trackerText } from "../model/project.ts";
import type { PRInfo } from "../model/pull-request.ts";
import type { SessionRecord } from "../model/session.ts";
import type { CreatePRInput, SCM } from "../slots/scm.ts";
import type { ActCall } from "./call.ts";

/** Opens the pull request of the session's branch, or accepts an existing one. */
export async function openPr(call: ActCall, words: { title: string | null; body: string | null }): Promise<ToldFact[]> {
  const { record, project } = call;
  const scm = await call.plugins.scm();
  if (scm.createPR === undefined)
    throw new AoError("REFUSED", `the scm plugin ${project.scm.plugin} cannot open pull requests`);
  const workspace = await call.plugins.workspace();
  if (record.workspacePath !== null) await workspace.publish?.(record.workspacePath, project, { signal: call.signal });
  failpoint("open-pr.before");
  const info = await scm.createPR(proposalOf(record, project, words), { signal: call.signal });
  failpoint("open-pr.after");
  return snapshotAfter(call, scm, info);
}

/** What the pull request of a session's branch says, with these words or else its issue's title. */
export const proposalOf = (
  record: SessionRecord,
  project: ProjectConfig,
  words: { title?: string | null | undefined; body?: string | null | undefined },
): CreatePRInput => ({
  title: words.title ?? record.task.issue?.title ?? record.branch,
  body: words.body ?? "",
  branch: record.branch,
  baseBranch: record.baseBranch ?? project.defaultBranch ?? "main",
  sessionId: record.id,
  isOwnBranch: !record.useExistingBranch,
  ...(draftModeOf(project) === false ? {} : { isDraft: true }),
  ...closedIssue(record, project),
});

/** The issue that a merge closes, where issues and pull requests are on the same forge. */
function closedIssue({ task }: SessionRecord, { tracker, scm }: ProjectConfig): Pick<CreatePRInput, "closesIssue"> {
  const { issue } = task;
  if (issue === null || (issue.tracker ?? tracker.plugin) !== scm.plugin) return {};
  return { closesIssue: /^\d+$/.test(issue.id) ? `#${issue.id}` : issue.id };
}

/** Reads its current state. If that fails, the action still succeeded, and the next poll reads it. */
export async function snapshotAfter(call: ActCall, scm: SCM, info: PRInfo): Promise<ToldFact[]> {
  try {
    const [snapshot] = (await scm.getSnapshots?.([info], { signal: call.signal })) ?? [];
    return snapshot ? [{ kind: "pr", snapshot }] : [];
  } catch (error) {
    call.log.warn(`${call.record.id}: pull request #${info.number}: ${toAoError(error).message}`);
    return [];
  }
}

/** Takes the draft out of its draft state. Succeeds if it is none. */
export async function markReady(call: ActCall, number: number): Promise<ToldFact[]> {
  const { record } = call;
  if (record.pr.snapshot?.info.number !== number) return [{ kind: "pr-ready", number }]; // Another one has followed.
  const scm = await call.plugins.scm();
  failpoint("mark-ready.before");
  await readyMarker(scm, call.project)(record.pr.snapshot.info, { signal: call.signal });
  failpoint("mark-ready.after");
  return [...(await snapshotAfter(call, scm, record.pr.snapshot.info)), { kind: "pr-ready", number }];
}

/** The scm's method for it. Throws UNAVAILABLE if it has none. */
export function readyMarker(scm: SCM, { scm: { plugin } }: Pick<ProjectConfig, "scm">): NonNullable<SCM["markReady"]> {
  const markReady = scm.markReady?.bind(scm);
  if (markReady !== undefined) return markReady;
  throw new AoError("UNAVAILABLE", `the scm ${plugin} cannot mark a draft as ready for review`);
}

/** Replies in the thread of a comment, and resolves it. The scm finds a reply that is there already. */
export async function reply(
  call: ActCall,
  wanted: { key: string; commentId: string; headSha: string },
): Promise<ToldFact[]> {
  const { commentId, headSha, key } = wanted;
  const replied: ToldFact = { kind: "replied", commentId };
  const { snapshot: pr } = call.record.pr;
  if (pr === null) return [replied];
  const scm = await call.plugins.scm();
  if (scm.replyTo === undefined) {
    throw new AoError("UNAVAILABLE", `the scm ${call.project.scm.plugin} cannot reply to comments`);
  }
  failpoint("reply.before");
  await scm.replyTo(pr.info, commentId, `Addressed in ${headSha}.`, { id: key, signal: call.signal });
  failpoint("reply.written");
  await scm.resolve?.(pr.info, commentId, { signal: call.signal });
  failpoint("reply.after");
  return [...(await snapshotAfter(call, scm, pr.info)), replied];
}

/** Merges exactly the head that was judged. */
export async function merge(
  call: ActCall,
  wanted: { headSha: string; method: "merge" | "squash" | "rebase" | null; isAuto: boolean },
): Promise<ToldFact[]> {
  const { record } = call;
  if (record.pr.snapshot === null) throw new AoError("NOT_FOUND", `${record.id} has no pull request`);
  const scm = await call.plugins.scm();
  if (wanted.isAuto) await mustStillBeReady(call, scm, { info: record.pr.snapshot.info, headSha: wanted.headSha });
  const method = wanted.method ?? call.project.mergeMethod ?? undefined;
  failpoint("merge.before");
  const outcome = await scm.mergePR(record.pr.snapshot.info, method, {
    expectedHeadSha: wanted.headSha,
    signal: call.signal,
  });
  failpoint("merge.after");
  const seen = await snapshotAfter(call, scm, record.pr.snapshot.info);
  // First, so that its snapshot is judged as one of the queue.
  if (outcome === "queued") return [{ kind: "merge-queued", headSha: wanted.headSha }, ...seen];
  return [...seen, { kind: "merged", headSha: wanted.headSha }];
}

/** What was judged may be minutes old. A request for changes or a red check since then counts, and is told. */
async function mustStillBeReady(call: ActCall, scm: SCM, judged: { info: PRInfo; headSha: string }): Promise<void> {
  const look = { signal: call.signal, isFresh: true };
  const [now] = (await scm.getSnapshots?.([judged.info], look)) ?? [];
  if (!now || now.state === "merged") return;
  if (now.headSha === judged.headSha && now.readiness.mergeable) return;
  call.tell([{ kind: "pr", snapshot: now }]);
  const why = now.headSha === judged.headSha ? now.readiness.blockers.join("; ") : "its head has moved";
  throw new AoError("TRY_AGAIN", `it can no longer be merged: ${why}`);
}

/** Bases the pull request on another branch. */
export async function retarget(call: ActCall, to: string): Promise<ToldFact[]> {
  const { record, project } = call;
  if (record.pr.snapshot === null) return [];
  const scm = await call.plugins.scm();
  if (scm.setBase === undefined)
    throw new AoError("UNAVAILABLE", `the scm plugin ${project.scm.plugin} cannot change the base of a pull request`);
  await scm.setBase(record.pr.snapshot.info, to, { signal: call.signal });
  failpoint("retarget.after");
  return snapshotAfter(call, scm, record.pr.snapshot.info);
}

export const TRACKER_MS = 60_000;

/** Closes the session's issue with a comment. Succeeds if the tracker cannot, or if it is closed already. */
export async function closeIssue(call: ActCall, wanted: { issueId: string; comment: string }): Promise<ToldFact[]> {
  const tracker = await call.plugins.tracker();
  if (tracker.updateIssue === undefined) return [];
  const asking = { ...call, whom: trackerText(call.project), timeoutMs: TRACKER_MS };
  const { issueId, comment } = wanted;
  if (await answerWithin((signal) => tracker.isCompleted(issueId, call.project, { signal }), asking)) return [];
  failpoint("close-issue.before");
  const update = { state: "closed", comment } as const;
  await answerWithin(async (signal) => tracker.updateIssue?.(issueId, update, call.project, { signal }), asking);
  return [];
}

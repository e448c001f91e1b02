import type { Activity } from "../model/activity.ts";
import type { DecideContext } from "../model/policy.ts";
import type { SessionRecord } from "../model/session.ts";
import type { SessionView, StatusGroup } from "../model/session-view.ts";
import { type Iso, toIso } from "../model/time.ts";
import { isAtRest } from "./activity.ts";
import { blockersOf, ciOf } from "./ci.ts";
import { cleanupDueAt } from "./cleanup.ts";
import { isAlive } from "./facts-of.ts";
import { heldComments } from "./held-comments.ts";
import { leftRunning, namedOf } from "./left-running.ts";
import { describeQueue } from "./lifecycle/merge-queue.ts";
import { nextStep } from "./next-step.ts";
import { openQuestion } from "./question.ts";
import { snoozedUntil } from "./snooze.ts";
import { deriveStatus } from "./status.ts";
import { costOf } from "./tally.ts";
import { usageOf } from "./usage.ts";
import { isLimited } from "./vendor-limit.ts";

/** Where a session stands in `ao status`: what needs the user comes first. */
export function groupOf(record: SessionRecord): StatusGroup {
  const { attention, status, phase } = record;
  if (phase === "archived") return "ended";
  if (status === "mergeable" && attention?.level !== "urgent") return "ready-to-merge";
  if (attention?.level === "urgent" || attention?.level === "action") return "needs-you";
  if (phase === "ended" || phase === "removing") return "ended";
  if (status === "queued") return "queued";
  if (status === "spawning") return "working";
  const isBusy = isAlive(record) && record.activity !== null && !isAtRest(record.activity.state) && !isLimited(record);
  return isBusy || (status === "working" && record.activity === null) ? "working" : "waiting";
}

/** A session as `--json` and the API give it. */
export function toSessionView(record: SessionRecord, ctx: DecideContext): SessionView {
  const { activity, task } = record;
  return {
    id: record.id,
    projectId: record.projectId,
    status: record.status,
    activity: activity && activityView(activity),
    attention: record.attention,
    agent: record.agent,
    formerAgents: (record.handover.former ?? []).map(({ agent }) => agent),
    runtime: record.runtime,
    branch: record.branch,
    issue: task.issue && { id: task.issue.id, title: task.issue.title, url: task.issue.url },
    pr: prView(record, ctx),
    workspacePath: record.workspacePath,
    createdAt: record.createdAt,
    lastActivityAt: record.lastActivityAt,
    summary: record.summary,
    cost: costView(record, ctx),
    ...moreView(record, ctx),
  };
}

function moreView(record: SessionRecord, ctx: DecideContext) {
  return {
    instanceId: record.instanceId,
    group: groupOf(record),
    statusSince: record.statusSince,
    removalAt: removalOf(record, ctx),
    because: deriveStatus(record, ctx).because,
    next: nextStep(record, ctx),
    question: openQuestion(record),
    snoozedUntil: snoozedUntil(record, ctx.nowMs),
    permissions: typeof record.agentOptions.permissions === "string" ? record.agentOptions.permissions : null,
    held: Object.values(record.episodes).flatMap((each) => (each?.held ? [`${each.reaction}: ${each.held}`] : [])),
    heldComments: heldComments(record, ctx).length,
    leftRunning: namedOf(leftRunning(record)).map(({ pid, command }) => ({ pid, command })),
    isArchived: record.isArchived,
    isPaused: record.isPaused || ctx.policy.isPaused || Boolean(record.limits.hold),
    pid: isAlive(record) ? (record.launch.last?.pid ?? null) : null,
    queuedFor: record.queuedFor,
    after: (record.after ?? []).map(({ session, issue, by, metAt }) => ({ session, issue, by, metAt })),
    baseNote: record.baseNote,
    baseBranch: record.baseBranch,
    formerPrs: (record.pr.earlier ?? []).map(({ number, url, state, headSha, baseBranch }) => ({
      number,
      url,
      state,
      headSha,
      baseBranch,
    })),
    notes: record.notes,
    messages: record.messages.list.map((message) => ({
      id: message.id,
      origin: message.origin,
      state: message.state,
      heldFor: message.heldFor,
      text: message.text,
      createdAt: message.createdAt,
      failure: message.failure?.message ?? message.doubt ?? null,
    })),
  };
}

/** The last time that a date can have. */
const END_OF_TIME_MS = 8.64e15;

function removalOf(record: SessionRecord, ctx: DecideContext): Iso | null {
  const dueAt = cleanupDueAt(record, ctx);
  return dueAt === null || dueAt > END_OF_TIME_MS ? null : toIso(dueAt);
}

const activityView = ({ state, since, source, limit, failure, guess }: Activity) => ({
  state,
  since,
  source,
  ...(state === "limited" ? { resetsAt: limit?.resetsAt ?? null } : {}),
  ...(guess === undefined ? {} : { guess }),
  ...(failure === undefined ? {} : { failure: { kind: failure.kind, text: failure.text } }),
});

function costView(record: SessionRecord, ctx: DecideContext): SessionView["cost"] {
  const { cost } = record.usage;
  if (cost === null) return null;
  const { usd, tokens, model, kinds = null, knownUsd = usd, unpriced = [] } = cost;
  const models = usageOf(record).map((sum) => {
    const of = costOf([sum], ctx.policy.prices);
    return { model: sum.model, usd: of.usd, tokens: of.tokens, kinds: of.kinds };
  });
  return { usd, tokens, model, kinds, knownUsd, unpriced, models };
}

function prView(record: SessionRecord, ctx: DecideContext): SessionView["pr"] {
  const { snapshot: pr } = record.pr;
  if (pr === null) return null;
  const isUnknown = pr.state === "open" && pr.hasConflicts === null;
  return {
    number: pr.info.number,
    url: pr.info.url,
    state: pr.state,
    ci: ciOf(record, ctx).ci,
    review: pr.review,
    mergeable: isUnknown ? null : blockersOf(record, ctx).length === 0,
    headSha: pr.headSha,
    baseBranch: pr.info.baseBranch,
    hasConflicts: pr.hasConflicts,
    ...(pr.info.fork === undefined ? {} : { fork: pr.info.fork }),
    asOf: record.pr.seenAt,
    ...(describeQueue(record) === null ? {} : { mergeQueue: { position: pr.mergeQueue?.position ?? null } }),
  };
}

import type { DecideContext } from "../model/policy.ts";
import type { SessionRecord } from "../model/session.ts";
import type { SessionView, StatusGroup } from "../model/session-view.ts";
import { isAtRest } from "./activity.ts";
import { blockersOf, ciOf } from "./ci.ts";
import { isAlive } from "./facts-of.ts";
import { openQuestion } from "./question.ts";
import { deriveStatus } from "./status.ts";

/** Where a session stands in `ao status`: what needs the human comes first. */
export function groupOf(record: SessionRecord): StatusGroup {
  const { attention, status, phase } = record;
  if (phase === "archived") return "ended";
  if (status === "mergeable" && attention?.level !== "urgent") return "ready-to-merge";
  if (attention?.level === "urgent" || attention?.level === "action") return "needs-you";
  if (phase === "ended" || phase === "removing") return "ended";
  if (status === "queued") return "queued";
  if (status === "spawning") return "working";
  const isBusy = isAlive(record) && record.activity !== null && !isAtRest(record.activity.state);
  return isBusy || (status === "working" && record.activity === null) ? "working" : "waiting";
}

/** The command to type next, also where nothing is urgent. */
export function nextStep(record: SessionRecord): string | null {
  if (record.attention !== null) return record.attention.hint;
  if (record.isPaused) return `ao resume ${record.id}`;
  if (record.ending?.status === "merged") return null;
  if (record.phase === "ended" || record.phase === "archived") return `ao restore ${record.id}`;
  return isAlive(record) ? `ao attach ${record.id}` : null;
}

/** A session as `--json` and the API give it. */
export function toSessionView(record: SessionRecord, ctx: DecideContext): SessionView {
  const { activity, task } = record;
  return {
    id: record.id,
    projectId: record.projectId,
    status: record.status,
    activity: activity && { state: activity.state, since: activity.since, source: activity.source },
    attention: record.attention,
    agent: record.agent,
    runtime: record.runtime,
    branch: record.branch,
    issue: task.issue && { id: task.issue.id, title: task.issue.title, url: task.issue.url },
    pr: prView(record, ctx),
    workspacePath: record.workspacePath,
    createdAt: record.createdAt,
    lastActivityAt: record.lastActivityAt,
    summary: record.summary,
    cost: record.cost && { usd: record.cost.usd, tokens: record.cost.tokens, model: record.cost.model },
    ...moreView(record, ctx),
  };
}

function moreView(record: SessionRecord, ctx: DecideContext) {
  return {
    instanceId: record.instanceId,
    group: groupOf(record),
    because: deriveStatus(record, ctx).because,
    next: nextStep(record),
    question: openQuestion(record),
    permissions: typeof record.agentOptions.permissions === "string" ? record.agentOptions.permissions : null,
    held: Object.values(record.episodes).flatMap((each) => (each?.held ? [`${each.reaction}: ${each.held}`] : [])),
    isArchived: record.isArchived,
    isPaused: record.isPaused || ctx.policy.isPaused,
    pid: isAlive(record) ? (record.launch?.pid ?? null) : null,
    queuedFor: record.queuedFor,
    baseNote: record.baseNote,
    notes: record.notes,
    messages: record.messages.map((message) => ({
      id: message.id,
      origin: message.origin,
      state: message.state,
      heldFor: message.heldFor,
      text: message.text,
      createdAt: message.createdAt,
      failure: message.failure?.message ?? null,
    })),
  };
}

function prView(record: SessionRecord, ctx: DecideContext): SessionView["pr"] {
  const { pr } = record;
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
  };
}

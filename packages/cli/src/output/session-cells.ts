import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { ageOf, oneLine } from "@agent-orchestrator/core/model/text";
import { clockTime, inTime } from "./format.ts";

/** What `ao status` shows for a session, as text. Empty if there is nothing. */
export interface Cells {
  view: SessionView;
  id: string;
  /** Only if there are several. */
  project: string;
  task: string;
  agent: string;
  status: string;
  /** Says what it is the age of. */
  age: string;
  pr: string;
  /** The command to type. */
  next: string;
  /** Why, or what it waits for. */
  detail: string;
}

const CI_MARK = { passing: "✓ci", failing: "✗ci", pending: "…ci", none: "" } as const;
const REVIEW_MARK = { approved: "✓review", changes_requested: "✗review", pending: "…review", none: "" } as const;
const MAX_REASON = 200;
/** A forge where nothing happens is asked once a minute. */
const FRESH_MS = 65_000;

/** The cells of each row. Sessions that ask the same share the first one's. */
export function rowsOf(views: readonly SessionView[], nowMs: number): Map<SessionView, Cells> {
  const isOneProject = new Set(views.map(({ instanceId, projectId }) => `${instanceId} ${projectId}`)).size < 2;
  return new Map(
    [...sameQuestions(views)].map(([view, others]) => [
      view,
      { ...cellsOf(view, others, nowMs), ...(isOneProject ? { project: "" } : {}) },
    ]),
  );
}

function cellsOf(view: SessionView, others: readonly SessionView[], nowMs: number): Cells {
  const isShared = others.length > 0;
  const next = commandOf(view);
  return {
    view,
    id: isShared ? `${oneLine(view.id, 60)} +${others.length}` : oneLine(view.id, 60),
    project: oneLine(view.projectId, 40),
    task: isShared ? `${others.length + 1} ask the same: ${idsOf([view, ...others])}` : taskText(view),
    agent: oneLine(view.agent, 30),
    status: statusText(view),
    age: ageText(view, nowMs),
    pr: prText(view, nowMs),
    next: isShared ? `${next} CHOICE --all` : next,
    detail: detailText(view, nowMs),
  };
}

/** What the user can do next, in a few words. The same as in JSON. */
export const commandOf = ({ next }: SessionView): string => oneLine(next ?? "").replaceAll("`", "");

/** `#42`, and `INT-100`: what has letters is no number. */
export const issueTag = ({ id }: { id: string }): string => `${/^\d/.test(id) ? "#" : ""}${oneLine(id, 40)}`;

export function taskText({ issue, summary, branch }: SessionView): string {
  const words = oneLine(issue?.title ?? summary ?? branch);
  return issue === null ? words : `${issueTag(issue)} ${words}`;
}

function prText({ pr, heldComments }: SessionView, nowMs: number): string {
  if (pr === null) return "";
  const conflict = pr.hasConflicts === true ? "conflict" : "";
  const held = heldComments > 0 ? `${heldComments} held` : "";
  const isOpen = pr.state === "open" || pr.state === "draft";
  const isOld = isOpen && pr.asOf !== null && nowMs - Date.parse(pr.asOf) > FRESH_MS;
  const age = isOld && pr.asOf !== null ? `as of ${ageOf(pr.asOf, nowMs)} ago` : "";
  const parts = [`PR ${pr.number}`, CI_MARK[pr.ci], REVIEW_MARK[pr.review], conflict, held, age];
  return parts.filter((part) => part !== "").join(" ");
}

/** How long it has waited for you, been in its state, or been over. */
function ageText(view: SessionView, nowMs: number): string {
  const { attention, group, statusSince, activity, status, snoozedUntil } = view;
  if (snoozedUntil) return `snoozed until ${clockTime(snoozedUntil, nowMs)}`;
  if (group === "needs-you" || group === "ready-to-merge")
    return `waits ${ageOf(attention?.since ?? statusSince, nowMs)}`;
  if (group === "ended") return `${ageOf(statusSince, nowMs)} ago`;
  const since = isIdle(activity) && status === "working" ? (activity?.since ?? statusSince) : statusSince;
  return `for ${ageOf(since, nowMs)}`;
}

const isIdle = (activity: SessionView["activity"]): boolean =>
  activity?.state === "ready" || activity?.state === "idle";

function statusText(view: SessionView): string {
  const marks = [
    ...(view.isPaused ? ["paused"] : activityMark(view)),
    ...(view.permissions === "skip" ? ["never asks"] : []),
  ];
  return marks.length === 0 ? view.status : `${view.status} (${marks.join(", ")})`;
}

/** What the agent does, if the status is about something else. */
function activityMark({ status, activity }: SessionView): string[] {
  if (activity?.state === "limited") return ["limited"];
  if (isIdle(activity)) return status === "working" ? ["idle"] : [];
  return activity?.state === "active" && ABOUT_PR.has(status) ? ["agent working"] : [];
}

const ABOUT_PR: ReadonlySet<string> = new Set([
  "ci_failed",
  "changes_requested",
  "mergeable",
  "approved",
  "review_pending",
  "pr_open",
]);

/** The reason, without what the status and the group already say. */
function detailText(view: SessionView, nowMs: number): string {
  const { attention, group, status, because, queuedFor, removalAt } = view;
  if (group === "ready-to-merge") return "";
  if (group === "ended") {
    const reason = status === "killed" || status === "errored" ? oneLine(because, MAX_REASON) : "";
    const removal = removalAt === null ? "" : `will be removed ${inTime(removalAt, nowMs)}`;
    return [reason, removal].filter((part) => part !== "").join(", ");
  }
  if (attention !== null) return oneLine(attention.reason, MAX_REASON);
  if (view.setUp !== undefined) return oneLine(view.setUp.text, MAX_REASON);
  if (status === "queued") return oneLine(queuedFor ?? "starts when there is room", MAX_REASON);
  const isPlain =
    status === "spawning" ||
    (status === "working" && (view.activity?.state === "active" || (isIdle(view.activity) && !view.activity?.guess)));
  return isPlain ? "" : oneLine(because, MAX_REASON);
}

const idsOf = (views: readonly SessionView[]): string => views.map(({ id }) => oneLine(id, 60)).join(" ");

/** Sessions with exactly the same question share the row of the first one. */
export function sameQuestions(views: readonly SessionView[]): Map<SessionView, SessionView[]> {
  const first = new Map<string, SessionView>();
  const rows = new Map<SessionView, SessionView[]>();
  for (const view of views) {
    const key = questionKey(view);
    const head = key === null ? undefined : first.get(key);
    if (head !== undefined) {
      rows.get(head)?.push(view);
      continue;
    }
    if (key !== null) first.set(key, view);
    rows.set(view, []);
  }
  return rows;
}

/** Compared as the daemon does for `ao answer --all`. */
function questionKey({ question, status, attention }: SessionView): string | null {
  if (question === null || question.onlyInTerminal !== null) return null;
  if (question.dialogId === null && !(question.kind === "report" && question.takesText)) return null;
  if (status !== "needs_input" || attention?.level !== "urgent" || !/^ao answer /.test(attention.hint)) return null;
  const { kind, text, choices, takesText } = question;
  return JSON.stringify([kind, text, choices, takesText]);
}

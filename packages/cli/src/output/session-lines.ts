import { oneLine } from "@agent-orchestrator/core/host/text";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { Colours } from "./colour.ts";
import { ageOf, fit, pad, widthOf } from "./format.ts";
import { nextStep } from "./next-step.ts";

export interface Look {
  columns: number;
  nowMs: number;
  colour: Colours;
}

interface Cells {
  view: SessionView;
  id: string;
  task: string;
  status: string;
  age: string;
  pr: string;
  next: string;
}

const CI_MARK = { passing: "✓ci", failing: "✗ci", pending: "…ci", none: "" } as const;
const REVIEW_MARK = { approved: "✓review", changes_requested: "✗review", pending: "…review", none: "" } as const;

function prText({ pr }: SessionView): string {
  return pr === null
    ? ""
    : [`#${pr.number}`, CI_MARK[pr.ci], REVIEW_MARK[pr.review], pr.hasConflicts === true ? "conflict" : ""]
        .filter((part) => part !== "")
        .join(" ");
}

export function taskText({ issue, summary, branch }: SessionView): string {
  const words = oneLine(issue?.title ?? summary ?? branch);
  return issue === null ? words : `#${oneLine(issue.id, 30)} ${words}`;
}

function cellsOf(view: SessionView, others: readonly SessionView[], nowMs: number): Cells {
  const since = view.attention?.since ?? view.lastActivityAt;
  const reason = view.attention === null ? "" : oneLine(view.attention.reason);
  const isShared = others.length > 0;
  const next = isShared ? `${nextStep(view)} CHOICE --all` : nextStep(view);
  const marks = [
    ...(view.isPaused ? ["paused"] : activityMark(view)),
    ...(view.permissions === "skip" ? ["never asks"] : []),
  ];
  return {
    view,
    id: isShared ? `${oneLine(view.id, 60)} +${others.length}` : oneLine(view.id, 60),
    task: isShared ? `${others.length + 1} ask the same: ${idsOf([view, ...others])}` : taskText(view),
    status: marks.length === 0 ? view.status : `${view.status} (${marks.join(", ")})`,
    age: ageOf(since, nowMs),
    pr: prText(view),
    next: reason === "" ? next : `${next} · ${reason}`,
  };
}

/** What the agent does, where the status is about something else. */
function activityMark({ status, activity }: SessionView): string[] {
  switch (activity?.state) {
    case "limited":
      return ["limited"];
    case "ready":
    case "idle":
      return status === "working" ? ["at rest"] : [];
    case "active":
      return ABOUT_PR.has(status) ? ["at work"] : [];
    default:
      return [];
  }
}

const ABOUT_PR: ReadonlySet<string> = new Set([
  "ci_failed",
  "changes_requested",
  "mergeable",
  "approved",
  "review_pending",
  "pr_open",
]);

const idsOf = (views: readonly SessionView[]): string => views.map(({ id }) => oneLine(id, 60)).join(" ");

/** Sessions that ask the same, to the letter, are one row: the first one's. */
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

/** As the daemon compares them for `ao answer --all`. */
function questionKey({ question, status, attention }: SessionView): string | null {
  if (question === null || question.dialogId === null || question.onlyInTerminal !== null) return null;
  if (status !== "needs_input" || attention?.level !== "urgent" || !/^ao answer /.test(attention.hint)) return null;
  const { kind, text, choices, takesText } = question;
  return JSON.stringify([kind, text, choices, takesText]);
}

export interface Layout {
  cells: ReadonlyMap<SessionView, Cells>;
  id: number;
  task: number;
  status: number;
  age: number;
  pr: number;
  next: number;
  /** One line a session; two; or, where there is hardly any room, three. */
  kind: "wide" | "medium" | "narrow";
}

const GAP = 2;

/** Columns that are the same in all groups. */
export function layoutOf(views: readonly SessionView[], { columns, nowMs }: Look): Layout {
  const rows = [...sameQuestions(views)];
  const cells = new Map(rows.map(([view, others]) => [view, cellsOf(view, others, nowMs)]));
  const width = (pick: (cell: Cells) => string) =>
    Math.max(0, ...[...cells.values()].map((cell) => widthOf(pick(cell))));
  const [id, status, age, pr] = [
    width((cell) => cell.id),
    width((cell) => cell.status),
    width((cell) => cell.age),
    width((cell) => cell.pr),
  ];
  const fixed = GAP + id + GAP + GAP + status + GAP + age + (pr === 0 ? 0 : GAP + pr);
  const room = columns - fixed;
  const kind = columns < 60 || room < 12 ? "narrow" : room >= 66 ? "wide" : "medium";
  const task =
    kind === "wide"
      ? Math.min(
          width((cell) => cell.task),
          Math.floor(room * 0.5),
        )
      : room;
  return { cells, id, task, status, age, pr, next: room - task - GAP, kind };
}

/** The lines of some of the sessions of a layout. */
export function sessionLines(views: readonly SessionView[], layout: Layout, look: Look): string[] {
  return views.flatMap((view) => {
    const cell = layout.cells.get(view);
    return cell === undefined ? [] : linesOf(cell, layout, look);
  });
}

function linesOf(cell: Cells, layout: Layout, { columns, colour }: Look): string[] {
  const paint = painterOf(cell.view, colour);
  const next = (width: number) => colour.dim(fit(cell.next, width));
  if (layout.kind === "narrow") {
    const status = fit(cell.status, columns - widthOf(cell.id) - widthOf(cell.age) - 3 * GAP);
    const head = `  ${paint(cell.id)}  ${status}  ${colour.dim(cell.age)}`;
    return [head, `    ${fit(cell.task, columns - 4)}`, `    ${colour.dim(fit(`→ ${cell.next}`, columns - 4))}`];
  }
  const parts = [
    paint(pad(cell.id, layout.id)),
    pad(fit(cell.task, layout.task), layout.task),
    paint(pad(cell.status, layout.status)),
    colour.dim(cell.age.padStart(layout.age)),
    ...(layout.pr === 0 ? [] : [pad(cell.pr, layout.pr)]),
  ];
  const line = `  ${parts.join("  ")}`;
  if (layout.kind === "wide") return [`${line}  ${next(layout.next)}`.trimEnd()];
  return [line.trimEnd(), `    ${colour.dim(fit(`→ ${cell.next}`, columns - 4))}`];
}

function painterOf(view: SessionView, colour: Colours): (text: string) => string {
  if (view.group === "needs-you") return view.attention?.level === "urgent" ? colour.red : colour.yellow;
  if (view.group === "ready-to-merge") return colour.green;
  return view.group === "working" ? colour.cyan : (text) => text;
}

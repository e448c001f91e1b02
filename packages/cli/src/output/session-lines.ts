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
    : [`#${pr.number}`, CI_MARK[pr.ci], REVIEW_MARK[pr.review]].filter((part) => part !== "").join(" ");
}

export function taskText({ issue, summary, branch }: SessionView): string {
  const words = oneLine(issue?.title ?? summary ?? branch);
  return issue === null ? words : `#${oneLine(issue.id, 30)} ${words}`;
}

function cellsOf(view: SessionView, nowMs: number): Cells {
  const since = view.attention?.since ?? view.lastActivityAt;
  const reason = view.attention === null ? "" : oneLine(view.attention.reason);
  const next = nextStep(view);
  return {
    view,
    id: oneLine(view.id, 60),
    task: taskText(view),
    status: view.isPaused ? `${view.status} (paused)` : view.status,
    age: ageOf(since, nowMs),
    pr: prText(view),
    next: reason === "" ? next : `${reason} → ${next}`,
  };
}

/** The lines of a group's sessions: one each where there is room, else two or three. */
export function sessionLines(views: readonly SessionView[], { columns, nowMs, colour }: Look): string[] {
  const cells = views.map((view) => cellsOf(view, nowMs));
  const width = (pick: (cell: Cells) => string) => Math.max(0, ...cells.map((cell) => widthOf(pick(cell))));
  const widths = {
    id: width(({ id }) => id),
    status: width(({ status }) => status),
    age: 3,
    pr: width(({ pr }) => pr),
  };
  const fixed = 2 + widths.id + 2 + widths.status + 2 + widths.age + 2 + (widths.pr === 0 ? 0 : widths.pr + 2);
  const lines: string[] = [];
  for (const cell of cells) {
    const paint = painterOf(cell.view, colour);
    if (columns < 60) {
      lines.push(`  ${paint(cell.id)}  ${fit(cell.status, columns - widthOf(cell.id) - 10)}  ${cell.age}`);
      lines.push(`    ${fit(cell.task, columns - 4)}`, `    ${colour.dim(fit(`→ ${cell.next}`, columns - 4))}`);
      continue;
    }
    const isWide = columns - fixed >= 70;
    const room = isWide ? Math.floor((columns - fixed) * 0.45) : columns - fixed;
    const task = fit(cell.task, Math.max(10, room));
    const head = [
      paint(pad(cell.id, widths.id)),
      pad(task, isWide ? room : Math.max(10, room)),
      paint(pad(cell.status, widths.status)),
    ];
    head.push(colour.dim(cell.age.padStart(widths.age)));
    if (widths.pr > 0) head.push(pad(cell.pr, widths.pr));
    const line = `  ${head.join("  ")}`;
    if (isWide) lines.push(`${line}  ${colour.dim(fit(cell.next, columns - fixed - room - 2))}`.trimEnd());
    else lines.push(line.trimEnd(), `    ${colour.dim(fit(`→ ${cell.next}`, columns - 4))}`);
  }
  return lines;
}

function painterOf(view: SessionView, colour: Colours): (text: string) => string {
  if (view.group === "needs-you") return view.attention?.level === "urgent" ? colour.red : colour.yellow;
  if (view.group === "ready-to-merge") return colour.green;
  return view.group === "working" ? colour.cyan : (text) => text;
}

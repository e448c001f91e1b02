import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { Colours } from "./colour.ts";
import { fit, linesOf, pad, widthOf } from "./format.ts";
import { type Cells, rowsOf } from "./session-cells.ts";

export interface Look {
  columns: number;
  nowMs: number;
  colour: Colours;
}

type Column = "id" | "project" | "task" | "agent" | "status" | "age" | "pr";

export interface Layout {
  cells: ReadonlyMap<SessionView, Cells>;
  /** Widths of the columns that are shown, in their order. */
  widths: ReadonlyMap<Column, number>;
  next: number;
  /** Width of what is said before the next step, on the second line: cells without a column. */
  about: number;
  /** There is room for the age after the status, in every row. */
  hasAge: boolean;
  /** One line per session, two, or three if there is hardly any room. */
  kind: "wide" | "medium" | "narrow";
}

const GAP = 2;
/** The columns that a title needs to be useful. */
const MIN_TASK = 20;
/** With this many columns for the title and what to do next, both are on one line. */
const WIDE_ROOM = 62;
/** What to do next takes no more lines than this, unless a command would be cut. */
const MAX_LINES = 2;

/** Columns that are the same in all groups. */
export function layoutOf(views: readonly SessionView[], { columns, nowMs }: Look): Layout {
  const cells = rowsOf(views, nowMs);
  const width = (column: Column) => Math.max(0, ...[...cells.values()].map((cell) => widthOf(cell[column])));
  const all = new Map<Column, number>(
    (["id", "status", "age", "pr"] as const).map((column) => [column, width(column)]),
  );
  const sum = (widths: Iterable<number>) =>
    [...widths].reduce((total, each) => total + (each === 0 ? 0 : GAP + each), 0);
  let room = columns - sum(all.values()) - GAP;
  const isNarrow = columns < 60 || room < 12;
  const optional = new Map<Column, number>();
  for (const column of ["project", "agent"] as const) {
    const needed = width(column);
    if (isNarrow || needed === 0 || room - needed - GAP < MIN_TASK) continue;
    optional.set(column, needed);
    room -= needed + GAP;
  }
  const isWide = !isNarrow && room >= WIDE_ROOM;
  const task = isWide ? Math.min(width("task"), Math.floor(room * 0.4)) : Math.min(width("task"), room);
  const widths = new Map<Column, number>();
  for (const column of ["id", "project", "task", "agent", "status", "age", "pr"] as const) {
    const of = column === "task" ? task : (all.get(column) ?? optional.get(column) ?? 0);
    if (of > 0) widths.set(column, of);
  }
  const about = Math.max(0, ...[...cells.values()].map((cell) => widthOf(aboutOf(cell, widths))));
  const hasAge = GAP + sum([width("id")]) + width("status") + 1 + width("age") <= columns;
  const kind = isNarrow ? "narrow" : isWide ? "wide" : "medium";
  return { cells, widths, next: room - task - GAP, about, hasAge, kind };
}

/** Project and agent, if they have no column. */
const aboutOf = (cell: Cells, widths: Layout["widths"]): string =>
  (["project", "agent"] as const)
    .flatMap((column) => (cell[column] === "" || widths.has(column) ? [] : [cell[column]]))
    .join(", ");

/** The lines of some of the sessions of a layout. */
export function sessionLines(views: readonly SessionView[], layout: Layout, look: Look): string[] {
  return views.flatMap((view) => {
    const cell = layout.cells.get(view);
    return cell === undefined ? [] : rowLines(cell, layout, look);
  });
}

function rowLines(cell: Cells, layout: Layout, { columns, colour }: Look): string[] {
  const paint = painterOf(cell.view, colour);
  if (layout.kind === "narrow") return narrowLines(cell, layout, { columns, colour, paint });
  const texts = [...layout.widths].map(([column, width]) => {
    const text = pad(fit(cell[column], width), width);
    return column === "id" || column === "status" ? paint(text) : column === "age" ? colour.dim(text) : text;
  });
  const line = `  ${texts.join("  ")}`;
  if (layout.kind === "wide") {
    const [first = "", ...more] = bounded(cell, layout.next);
    const column = columns - layout.next;
    return [`${line}  ${colour.dim(first)}`.trimEnd(), ...more.map((each) => " ".repeat(column) + colour.dim(each))];
  }
  const about = pad(aboutOf(cell, layout.widths), layout.about);
  return [line.trimEnd(), ...nextLines(cell, { columns, colour, about })];
}

function narrowLines(
  cell: Cells,
  { widths, hasAge }: Layout,
  { columns, colour, paint }: Room & { paint: (text: string) => string },
): string[] {
  const [idWidth, statusWidth] = [widths.get("id") ?? 0, widths.get("status") ?? 0];
  // A status is cut last, so that on a very narrow terminal ids take only the room that they need.
  const id = idWidth + statusWidth + 2 * GAP <= columns ? pad(cell.id, idWidth) : cell.id;
  const room = columns - widthOf(id) - 2 * GAP;
  const status = hasAge ? `${pad(cell.status, statusWidth)} ${colour.dim(cell.age)}` : fit(cell.status, room);
  const about = [hasAge ? "" : cell.age, cell.project, cell.task, cell.agent].filter((text) => text !== "").join(" · ");
  return [
    `  ${paint(id)}  ${status}`.trimEnd(),
    ...(about === "" ? [] : [`    ${fit(about, columns - 4)}`]),
    ...nextLines(cell, { columns, colour }),
  ];
}

interface Room {
  columns: number;
  colour: Colours;
  /** Everything without a separate column. */
  about?: string;
}

/** `→ ` and what to do next, below the line of the session. */
function nextLines(cell: Cells, { columns, colour, about = "" }: Room): string[] {
  const mark = cell.next === "" ? "" : "→ ";
  if (about.trim() === "" && cell.next === "" && cell.detail === "") return [];
  const before = about === "" ? mark : `${about}  ${mark}`;
  const lines = bounded(cell, columns - 4 - widthOf(before));
  const indent = " ".repeat(widthOf(before));
  return lines.map((line, index) => `    ${colour.dim(`${index === 0 ? before : indent}${line}`.trimEnd())}`);
}

/** The complete command, and as much of the reason as fits into two lines. */
function bounded({ next, detail }: Cells, width: number): string[] {
  const text = [next, detail].filter((part) => part !== "").join(" · ");
  const lines = linesOf(text, Math.max(1, width));
  const most = Math.max(MAX_LINES, linesOf(next, Math.max(1, width)).length);
  if (lines.length <= most) return lines;
  const kept = lines.slice(0, most);
  return [...kept.slice(0, -1), fit(`${kept.at(-1)} ${lines[most] ?? ""}`, width)];
}

function painterOf(view: SessionView, colour: Colours): (text: string) => string {
  if (view.group === "needs-you") return view.attention?.level === "urgent" ? colour.red : colour.yellow;
  if (view.group === "ready-to-merge") return colour.green;
  return view.group === "working" ? colour.cyan : (text) => text;
}

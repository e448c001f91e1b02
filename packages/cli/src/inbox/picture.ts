import type { InboxRow, InboxSession } from "@agent-orchestrator/core/model/inbox";
import { ageOf, cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";
import { clockTime, fit, fold, linesOf, pad, widthOf } from "../output/format.ts";
import { HELP, keyLine } from "./help.ts";
import { type Model, sessionOf } from "./model.ts";
import { promptLines } from "./prompt-picture.ts";
import { readingLines } from "./reading.ts";
import { askedLines, countsText, cut, type Look, prText, titleOf } from "./texts.ts";

/** The whole screen, as lines that fit it. */
export function pictureOf(model: Model, look: Look): string[] {
  const top = headLines(model, look);
  const foot = footLines(model, look);
  const room = Math.max(1, look.rows - top.length - foot.length);
  const body = bodyLines(model, { ...look, rows: room }).slice(0, room);
  const gap = Array.from({ length: Math.max(0, room - body.length) }, () => "");
  return [...top, ...body, ...gap, ...foot].slice(0, look.rows);
}

function headLines(model: Model, { columns, colour }: Look): string[] {
  const lost = model.connection === "lost" ? "not connected, waiting for the daemon" : null;
  const counts = fit(lost ?? (model.connection === "none" ? "…" : countsText(model)), columns - 7);
  const head = `${colour.bold("Inbox")}  ${lost === null ? colour.dim(counts) : colour.yellow(counts)}`;
  const notice = model.meta?.notices.find(({ level }) => level !== "info");
  const worst = notice === undefined ? [] : [colour.yellow(fit(`! ${oneLine(notice.text)}`, columns))];
  return [head, ...worst, ""];
}

function footLines(model: Model, { columns, rows, colour }: Look): string[] {
  const { message } = model;
  const most = rows < 12 ? 1 : 3;
  const said = message === null ? [] : cut(linesOf(oneLine(message.text, 600), columns), { most, width: columns });
  const paint = message?.isError === true ? colour.red : colour.green;
  return [...(said.length === 0 ? [""] : said.map((line) => paint(line))), colour.dim(keyLine(model, columns))];
}

function bodyLines(model: Model, look: Look): string[] {
  if (model.mode.kind === "help") return HELP.flatMap((line) => fold(line, look.columns).split("\n"));
  if (model.mode.kind === "read") return readingLines(model.mode, look);
  if (model.mode.kind === "prompt") return promptLines(model.mode.prompt, look);
  if (model.connection === "none" && model.rows.length === 0) return [];
  if (model.rows.length === 0) return emptyLines(model, look);
  return listLines(model, look);
}

function emptyLines({ meta, snoozed }: Model, { columns, nowMs, colour }: Look): string[] {
  const { working = 0, waiting = 0, queued = 0 } = meta?.counts ?? {};
  const back = snoozed[0]?.snoozedUntil;
  const next =
    back === null || back === undefined ? [] : [`The next snoozed one is back at ${clockTime(back, nowMs)}.`];
  const isBare = working + waiting + queued === 0 && snoozed.length === 0;
  const rest = isBare
    ? [
        "",
        "`ao init` writes a config for a repository.",
        "`ao spawn 42` gives issue 42 to an agent.",
        "`ao status --all` shows what has ended.",
        "`ao help` lists the commands.",
      ]
    : [`${working} working, ${waiting} waiting, ${queued} queued.`, ...next];
  return ["Nothing needs you.", ...rest].map((line) => colour.dim(fit(line, columns)));
}

/** As many rows as fit, with the selected one among them. */
function listLines(model: Model, look: Look): string[] {
  const { rows, place } = model;
  const made = new Map<number, string[]>();
  // Of hundreds of rows only a few are drawn.
  const blockAt = (at: number): string[] => {
    const row = rows[at];
    const block = made.get(at) ?? (row === undefined ? [] : rowLines(row, model, look));
    made.set(at, block);
    return block;
  };
  let first = Math.max(0, Math.min(place, rows.length - 1));
  for (let height = blockAt(first).length; first > 0; first -= 1) {
    height += blockAt(first - 1).length;
    // One line for what is below.
    if (height > look.rows - 1) break;
  }
  const shown: string[] = [];
  let count = 0;
  for (let at = first; at < rows.length; at += 1) {
    const block = blockAt(at);
    const isLast = at + 1 === rows.length;
    if (count > 0 && shown.length + block.length > look.rows - (isLast ? 0 : 1)) break;
    shown.push(...block);
    count += 1;
  }
  const below = rows.length - first - count;
  const more = below > 0 ? look.colour.dim(fit(`… ${below} more below`, look.columns)) : null;
  return more === null ? shown : [...shown.slice(0, look.rows - 1), more];
}

function rowLines(row: InboxRow, model: Model, look: Look): string[] {
  const isSelected = row.key === model.selected;
  const session = sessionOf(row, isSelected ? model.member : null);
  const first = headOfRow(row, { session, isSelected, busy: model.busy[row.key], isMany: isMany(model.rows) }, look);
  return [first, ...detailLines(row, { isSelected, member: session.id }, look)];
}

/** Whether the rows are of several projects. */
function isMany([first, ...others]: readonly InboxRow[]): boolean {
  const [one] = first?.sessions ?? [];
  const isSame = (other: InboxSession) => other.projectId === one?.projectId && other.instanceId === one.instanceId;
  return [first, ...others].some((row) => row?.sessions.some((session) => !isSame(session)) === true);
}

interface HeadOfRow {
  session: InboxSession;
  isSelected: boolean;
  busy: string | undefined;
  isMany: boolean;
}

function headOfRow(row: InboxRow, head: HeadOfRow, { columns, nowMs, colour }: Look): string {
  const { session, isSelected, busy, isMany: hasProject } = head;
  const more = row.sessions.length > 1 ? ` +${row.sessions.length - 1}` : "";
  const id = `${oneLine(session.id, 60)}${more}`;
  const waits = busy ?? `waits ${ageOf(row.since, nowMs)}`;
  // What it is about, rather than for how long, on a terminal for neither.
  const age = columns < 28 ? "" : waits;
  const paint = row.level === "urgent" ? colour.red : row.group === "ready-to-merge" ? colour.green : colour.yellow;
  const name = fit(id, Math.max(4, columns - 6 - widthOf(age)));
  const room = columns - 2 - widthOf(name) - 2 - widthOf(age) - 2;
  const words = [hasProject && columns >= 60 ? oneLine(session.projectId, 40) : "", titleOf(session), prText(session)];
  const about = room < 8 ? "" : fit(words.filter((word) => word !== "").join(" · "), room);
  const mark = isSelected ? "> " : "  ";
  const middle = pad(about, Math.max(0, room));
  return `${mark}${isSelected ? colour.bold(paint(name)) : paint(name)}  ${middle}  ${colour.dim(age)}`.trimEnd();
}

const MAX_DETAIL = 12;

function detailLines(
  row: InboxRow,
  { isSelected, member }: { isSelected: boolean; member: string },
  look: Look,
): string[] {
  const { columns, colour, rows } = look;
  const width = columns - 4;
  const indent = (line: string) => `    ${line}`;
  if (!isSelected) return [colour.dim(indent(fit(oneLine(row.reason, 400), width)))];
  const most = Math.max(2, Math.min(MAX_DETAIL, Math.floor(rows * 0.6)));
  const text =
    row.question === null
      ? cut(linesOf(oneLine(row.reason, 400), width), { most, width })
      : askedLines(row.question, { most, width });
  const hint =
    row.question === null ? [colour.dim(fit(`→ ${cleanForTerminal(row.hint).replaceAll("`", "")}`, width))] : [];
  const names = row.sessions.map(({ id }) => (id === member ? `[${oneLine(id, 60)}]` : oneLine(id, 60)));
  const others = row.sessions.length < 2 ? [] : cut(linesOf(`Asked by ${names.join(" ")}`, width), { most: 2, width });
  return [...text, ...hint, ...others.map((line) => colour.dim(line))].map(indent);
}

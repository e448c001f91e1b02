import { type AtTerminal, screenAt } from "@agent-orchestrator/agent-kit/terminal";
import type { Screen } from "@agent-orchestrator/core/slots/screen";
import { isReadable } from "@agent-orchestrator/plugin-kit/readable";
import { plainWithoutDim } from "@agent-orchestrator/plugin-kit/typed-text";

export interface ScreenChoice {
  /** As shown. Null if choices have no numbers. */
  number: number | null;
  label: string;
  isSelected: boolean;
}

export interface ScreenDialog {
  /** The text above the choices. */
  text: string;
  choices: ScreenChoice[];
}

export interface Seen {
  shows: "box" | "working" | "dialog" | "nothing";
  /** What somebody typed and did not send. null: there is no input box. */
  draft: string | null;
  /** Whether that box takes text for the model, not a shell command or a search. */
  isPrompt: boolean;
  /** Whether the draft is visible from its start. */
  isWhole: boolean;
  /** Whether it has just said that it was suspended with Ctrl-Z. It may continue to draw, its box too. */
  isSuspended: boolean;
  dialog: ScreenDialog | null;
  /** It waits before it retries the API. */
  isRetrying: boolean;
}

const NOTHING: Seen = {
  shows: "nothing",
  draft: null,
  isPrompt: false,
  isWhole: false,
  isSuspended: false,
  dialog: null,
  isRetrying: false,
};

const RULE = /^\s*[─━▔╌]{8,}/;
const BOX_RULE = /^─{3,}.*─$/;
/** The prompt sign of the input box, `!` while it is a shell's. */
const BOX_SIGN = /^[❯!>](?:[ \u00a0]|$)/;
const SHELL_SIGN = /^!/;
/** Shown below a shell's box, and among the shortcuts that a `?` shows. */
const SHELL_LINE = /^\s*! for (?:shell|bash) mode/;
/** Keys go into a search, or into the list of all agents, whose box starts another one. */
const ELSEWHERE = /^\s*search prompts:|\benter to open\b/;
const SUSPENDED = /^Claude Code (?:is|has been) suspended\b/;
const TURNED = /\u001b\[(?:0;)?7m/;
const SCROLLED = /↑ \d+ more/;
/** A box that leaves no row for its upper rule has at least this many rows. */
const TALL_ROWS = 10;
const FOOTER = /\b(?:esc|enter) to (?:cancel|confirm|select|continue|exit|stay)\b/i;
const CHOICE = /^\s*(❯)?\s*(?:(\d{1,2})\.\s+)?(\S.*)$/;
/** In the line below the box, or the spinning star above it. A still star says how long it took. */
const WORKING = /\besc to interrupt\b|^[·✢✳✶✻✽*] [^…]*…/;
const RETRYING = /^[·✢✳✶✻✽*] .*· retrying in \d.*· attempt \d/i;
const STAR_ROWS = 8;
const NUMBERED = /^\s*(?:❯\s*)?\d{1,2}\.\s+\S/;
/** How many columns on the right stay empty. */
const WRAP_MARGIN = 2;
const FIRST_SET_UP = /^\s*Let's get started\.$/;

/** What Claude Code shows now. Only the lowest frame counts. What is above it is history. */
export function readScreen(screen: Pick<Screen, "rows" | "styledRows" | "size">): Seen {
  if (!isReadable(screen)) return NOTHING;
  const { rows } = screen;
  const box = boxOf(rows);
  const isSuspended = rows
    .filter((row) => row.trim() !== "")
    .slice(-STAR_ROWS)
    .some((row) => SUSPENDED.test(row));
  if (box !== null) {
    const near = rows.slice(Math.max(0, box.from - STAR_ROWS));
    const isRetrying = near.some((row) => RETRYING.test(row));
    const isWorking = isRetrying || near.some((row) => WORKING.test(row));
    const of = { isPrompt: isPrompt(rows, box), isWhole: box.isWhole, isSuspended, dialog: null, isRetrying };
    return { shows: isWorking ? "working" : "box", draft: draftOf(screen, box), ...of };
  }
  const dialog = dialogOf(withoutPanel(rows));
  const shows = dialog === null ? "nothing" : "dialog";
  return { ...NOTHING, shows, isSuspended, dialog };
}

/** The same at this moment. Null if this runtime has no screen. */
export async function seenNow(at: Omit<AtTerminal, "clock">): Promise<Seen | null> {
  const screen = await screenAt(at);
  return screen === null ? null : readScreen(screen);
}

function isPrompt(rows: readonly string[], { from, to, isWhole }: Range): boolean {
  const below = rows.slice(to + 1);
  // If the sign is out of sight, the line below tells.
  const isShell = isWhole ? SHELL_SIGN.test(rows[from] ?? "") : below.some((row) => SHELL_LINE.test(row));
  return !isShell && !below.some((row) => ELSEWHERE.test(row));
}

export interface Range {
  from: number;
  to: number;
  isWhole: boolean;
}

/**
 * The rows between the last two rules, of which the first begins with the prompt sign. The start of a long draft is out of sight. Then
 * the upper rule says so, or is above the screen.
 */
function boxOf(rows: readonly string[]): Range | null {
  const to = rows.findLastIndex((row) => BOX_RULE.test(row));
  if (to < 1) return null;
  const above = rows.slice(0, to).findLastIndex((row) => BOX_RULE.test(row));
  const from = above + 1;
  const inside = rows.slice(from, to);
  if (inside.length === 0) return null;
  if (above === -1) return isTallDraft(rows, to) ? { from, to, isWhole: false } : null;
  const isScrolled = SCROLLED.test(rows[above] ?? "");
  return isScrolled || BOX_SIGN.test(inside[0] ?? "") ? { from, to, isWhole: !isScrolled } : null;
}

function isTallDraft(rows: readonly string[], to: number): boolean {
  const below = rows.slice(to + 1).filter((row) => row.trim() !== "");
  const isDraft = rows.slice(0, to).every((row) => row.trim() === "" || /^(?: {2}|[❯!>][ \u00a0])/.test(row));
  return isDraft && to >= TALL_ROWS && below.length <= 4 && !below.some((row) => FOOTER.test(row));
}

function draftOf({ rows, styledRows }: Pick<Screen, "rows" | "styledRows">, { from, to }: Range): string {
  const source = styledRows?.slice(from, to).map(plainWithoutDim) ?? rows.slice(from, to);
  return source
    .map((row, index) => withoutMargin(row, index === 0).trimEnd())
    .join("\n")
    .trim();
}

/** The text before and behind the cursor, which the program draws by inverting one character. Null if the cursor is not visible. */
export function boxAround({
  rows,
  styledRows,
}: Pick<Screen, "rows" | "styledRows">): { before: string; after: string } | null {
  const box = boxOf(rows);
  if (box === null || styledRows === null) return null;
  const inside = styledRows.slice(box.from, box.to);
  const at = inside.findIndex((row) => TURNED.test(row));
  if (at === -1) return null;
  const [head = "", ...rest] = (inside[at] ?? "").split(TURNED);
  const plain = (row: string, index: number) => withoutMargin(plainWithoutDim(row), index === 0);
  const before = [...inside.slice(0, at).map(plain), plain(head, at)].join("\n");
  const after = [
    plainWithoutDim(rest.join("")),
    ...inside.slice(at + 1).map((row) => withoutMargin(plainWithoutDim(row), false)),
  ].join("\n");
  return { before, after };
}

/** A row of the box without its prompt sign or the indentation below it. */
const withoutMargin = (row: string, isFirst: boolean): string =>
  isFirst ? row.replace(BOX_SIGN, "") : row.replace(/^ {1,2}/, "");

function dialogOf(rows: readonly string[]): ScreenDialog | null {
  const footer = rows.findLastIndex((row) => FOOTER.test(row));
  const isSetUp = rows.some((row) => FIRST_SET_UP.test(row));
  if (footer === -1 && !isSetUp) return null;
  const end = footer === -1 ? rows.length : footer;
  const top = rows.findLastIndex((row, index) => index < end && /^\s*[─━▔]{8,}/.test(row));
  // The last choice of a question is under its own rule.
  const selected = rows.findLastIndex((row, index) => index < end && /^\s*❯\s+\S/.test(row));
  const isInside = selected > top || rows.slice(selected, end).some((row) => NUMBERED.test(row));
  if (selected === -1 || !isInside) return { text: textAbove(rows, end), choices: [] };
  const { from, choices } = choicesAround(rows, selected, end);
  return { text: textAbove(rows, from), choices };
}

function choicesAround(
  rows: readonly string[],
  selected: number,
  end: number,
): { from: number; choices: ScreenChoice[] } {
  const isNumbered = /^\s*❯\s*\d{1,2}\.\s/.test(rows[selected] ?? "");
  const indent = indentOf(rows[selected] ?? "");
  const isChoice = (row: string): boolean =>
    isNumbered ? NUMBERED.test(row) : row.trim() !== "" && indentOf(row) === indent;
  let from = selected;
  for (let index = selected - 1; index >= 0 && belongs(rows[index] ?? ""); index--)
    if (isChoice(rows[index] ?? "")) from = index;
  const choices: ScreenChoice[] = [];
  const width = rows.findLast((row, index) => index < from && RULE.test(row))?.length ?? Number.POSITIVE_INFINITY;
  let column = 0;
  let previous = "";
  for (const row of rows.slice(from, end)) {
    const [, sign, number, label = ""] = CHOICE.exec(row) ?? [];
    if (isChoice(row)) {
      choices.push({ number: number === undefined ? null : Number(number), label, isSelected: sign === "❯" });
      column = row.length - label.length;
    } else if (isWrapped(previous, row, { column, width })) {
      const last = choices.at(-1);
      if (last !== undefined) last.label = `${last.label} ${row.trim()}`;
    } else if (!isNumbered && row.trim() === "") break;
    previous = row;
  }
  return { from, choices };

  function belongs(row: string): boolean {
    return isNumbered ? !RULE.test(row) : row.trim() !== "" && indentOf(row) === indent;
  }
}

/** The rest of a label whose next word did not fit. A description starts in the same column, under a row with room left. */
function isWrapped(previous: string, row: string, { column, width }: { column: number; width: number }): boolean {
  const [word = ""] = row.trim().split(" ");
  return word !== "" && indentOf(row) === column && previous.length + 1 + word.length > width - WRAP_MARGIN;
}

/** Where the label begins. */
const indentOf = (row: string): number => /^[\s❯]*/.exec(row)?.[0].length ?? 0;

function textAbove(rows: readonly string[], end: number): string {
  const rule = rows.findLastIndex((row, index) => index < end && /^\s*[─━▔]{8,}/.test(row));
  return rows
    .slice(rule + 1, end)
    .map((row) => row.replace(/^\s*[╌]{3,}.*$/, "").trim())
    .join("\n")
    .replace(/\n{2,}/g, "\n")
    .trim();
}

/** A dialog's rule that ends at the border of the panel. */
const RULE_AT_BORDER = /^[─━▔╌]{20,}(?=│)/;
/** Characters that may fill two columns. */
const WIDE = /[\u2e80-\uffff]/g;

/**
 * Removes the panel that newer versions open on the right once a file was changed. Its columns are not part of a dialog. All rows end
 * at the same column, except for characters that fill two.
 */
function withoutPanel(rows: readonly string[]): string[] {
  const column = rows.reduce((found, row) => RULE_AT_BORDER.exec(row)?.[0].length ?? found, -1);
  if (column === -1) return [...rows];
  return rows.map((row) => {
    const border = row.lastIndexOf("│", column);
    const left = border === -1 ? row : row.slice(0, border);
    const isBorder = border !== -1 && column - border <= (left.match(WIDE)?.length ?? 0);
    return isBorder ? left.trimEnd() : row;
  });
}

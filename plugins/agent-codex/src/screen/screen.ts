import { screenDialogId } from "@agent-orchestrator/agent-kit/answers";
import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import type { ActivityState } from "@agent-orchestrator/core/model/status";
import type { Screen } from "@agent-orchestrator/core/slots/screen";
import { isReadable } from "@agent-orchestrator/plugin-kit/readable";
import { plainWithoutDim } from "@agent-orchestrator/plugin-kit/typed-text";

/** A list of choices that the terminal program shows, one of them marked. */
export interface Menu {
  dialog: Dialog;
  /** Index of the marked choice. */
  marked: number;
}

const CHOICE = /^\s*(›\s*)?(\d{1,2})\.\s+(\S.*)$/;
const WORKING = /^\s*[•◦]\s.*\besc to interrupt\b/;
const INPUT = /^›\s/;
const SPINNER = /^[\u2800-\u28ff]/;
const MAX_TEXT_ROWS = 14;

/** The last list of numbered choices with the lines above it, if the screen ends in one. */
export function menuOf(rows: readonly string[]): Menu | null {
  const found = rows.flatMap((row, index) => {
    const match = CHOICE.exec(row);
    return match === null
      ? []
      : [{ index, isMarked: match[1] !== undefined, number: Number(match[2]), label: match[3] ?? "" }];
  });
  const start = found.findLastIndex(({ number }) => number === 1);
  const choices = found.slice(start);
  if (start === -1 || choices.length < 2 || choices.some(({ number }, at) => number !== at + 1)) return null;
  const marked = choices.findIndex(({ isMarked }) => isMarked);
  const last = choices.at(-1)?.index ?? 0;
  // Below an open list there is only its hint. An input box there means that the list was already answered.
  const isOpen = marked !== -1 && !rows.slice(last + 1).some((row) => INPUT.test(row));
  return isOpen
    ? {
        marked,
        dialog: dialogOf(
          rows.slice(0, choices[0]?.index ?? 0),
          choices.map(({ label }) => label),
        ),
      }
    : null;
}

function dialogOf(above: readonly string[], labels: string[]): Dialog {
  const text = above
    .slice(-MAX_TEXT_ROWS)
    .map((row) => row.trim())
    .filter((row) => row !== "" && !row.startsWith(">_"))
    .join("\n");
  const choices = labels.map((label) => label.trim().replace(/\s{2,}.*$/, ""));
  return { id: screenDialogId(text, choices), kind: "notice", text, choices, takesText: false };
}

export interface ScreenReading {
  state: ActivityState;
  evidence: string;
  menu: Menu | null;
}

/** The least trusted source: the last lines and the title of the terminal. */
export function readScreen(screen: Pick<Screen, "rows" | "title" | "size">): ScreenReading {
  if (!isReadable(screen)) return { state: "unknown", evidence: "its terminal is too small to read", menu: null };
  const { rows, title } = screen;
  const menu = menuOf(rows);
  if (menu !== null) {
    const first = menu.dialog.text.split("\n")[0] ?? "";
    return { state: "waiting_input", evidence: `the screen shows a list of choices: ${first}`, menu };
  }
  const login = rows.find((row) => /Sign in with ChatGPT|Provide your own API key|Finish signing in/.test(row));
  if (login !== undefined)
    return { state: "waiting_input", evidence: `the screen asks to log in: ${login.trim()}`, menu };
  if (title?.startsWith("[ ! ]") === true) return { state: "waiting_input", evidence: `the title says ${title}`, menu };
  const working = rows.findLast((row) => WORKING.test(row));
  if (working !== undefined) return { state: "active", evidence: "the screen says that it is working", menu };
  if (title !== null && SPINNER.test(title)) return { state: "active", evidence: "its title spins", menu };
  const isAtInput =
    rows.some((row) => INPUT.test(row)) && rows.some((row) => row.startsWith("  ") && row.includes(" · "));
  if (isAtInput) return { state: "ready", evidence: "the screen shows an empty input box", menu };
  return { state: "unknown", evidence: "the screen shows nothing known", menu };
}

/**
 * The input box contains somebody's unfinished draft. The box's own hint and suggestions are dim, and without colours an empty box has the
 * cursor at its start.
 */
export function hasDraft(screen: Screen): boolean {
  if (!isReadable(screen)) return false;
  const { rows, styledRows, cursor } = screen;
  const box = rows.findLastIndex((row) => row.startsWith("›"));
  if (box === -1) return false;
  if (styledRows === null) return cursor !== null && cursor.row >= box && cursor.column > 2;
  // Lines may be empty, but for the last, below which the program leaves one.
  const isBelow = cursor !== null && cursor.row > box;
  const blank = rows.findIndex((row, index) => index > Math.max(box, isBelow ? cursor.row : 0) && row.trim() === "");
  const inside = styledRows.slice(box, blank === -1 ? box + 1 : blank);
  return isBelow || inside.map(plainWithoutDim).join("").replace("›", "").trim() !== "";
}

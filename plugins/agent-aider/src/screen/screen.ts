import type { Screen } from "@agent-orchestrator/core/slots/screen";
import { type Confirm, parseConfirm } from "./confirm.ts";

/** What is at the cursor. */
export type Reading =
  /** Its main prompt. `draft`: what somebody typed there. `isMulti`: Enter would not send a message. */
  | { kind: "prompt"; draft: string; isMulti: boolean }
  | { kind: "confirm"; confirm: Confirm; above: string[] }
  /** The spinner, an answer that is being written, a command that runs. */
  | { kind: "other"; line: string };

/** `> `, `ask> `, `architect multi> `: aider's prompt after a rule, a blank line, or a list of files. */
const PROMPT = /^((?:[a-z][a-z-]* )?multi|[a-z][a-z-]*)?>(?: (.*))?$/;
/** Rows of one question on a narrow terminal. */
const MOST_ROWS = 3;
const MOST_ABOVE = 12;

export function readScreen({ rows, cursor }: Pick<Screen, "rows" | "cursor">): Reading {
  const at = cursor?.row ?? rows.findLastIndex((row) => row.trim() !== "");
  const row = rows[at] ?? "";
  const confirm = confirmAt(rows, at);
  if (confirm !== null) return confirm;
  const prompt = promptAt(rows, at);
  return prompt ?? { kind: "other", line: row };
}

/** A question may be wrapped. The cursor is at its end. */
function confirmAt(rows: readonly string[], at: number): Reading | null {
  for (let count = 1; count <= MOST_ROWS && at - count + 1 >= 0; count++) {
    const first = at - count + 1;
    const parts = rows.slice(first, at + 1);
    // A question that is complete in the rows before was asked there, and is over.
    if (count > 1 && confirmIn(parts.slice(0, -1)) !== null) return null;
    const confirm = confirmIn(parts);
    if (confirm !== null) return { kind: "confirm", confirm, above: aboveOf(rows, first) };
  }
  return null;
}

/** A trailing blank of a row is lost, so both ways of joining the rows are tried. */
const confirmIn = (parts: readonly string[]): Confirm | null =>
  parseConfirm(parts.join("")) ?? parseConfirm(parts.join(" "));

/** The block of text right above the question, which is its subject. */
function aboveOf(rows: readonly string[], first: number): string[] {
  const above: string[] = [];
  for (let row = first - 1; row >= 0 && above.length < MOST_ABOVE; row--) {
    const text = (rows[row] ?? "").trim();
    if (text === "") break;
    above.unshift(text);
  }
  return above;
}

/** Every line of a draft begins with the prompt, and a draft may have several. */
function promptAt(rows: readonly string[], at: number): Reading | null {
  const typed: string[] = [];
  let isMulti = false;
  for (let row = at; row >= 0; row--) {
    const found = PROMPT.exec(rows[row] ?? "");
    if (found === null) break;
    isMulti ||= found[1]?.endsWith("multi") ?? false;
    typed.unshift(found[2] ?? "");
  }
  if (typed.length > 0) return { kind: "prompt", draft: typed.join("\n").trim(), isMulti };
  return wrappedAt(rows, at);
}

/** A long line of a draft continues in rows without a prompt. */
function wrappedAt(rows: readonly string[], at: number): Reading | null {
  const width = Math.max(...rows.map((row) => row.length), 0);
  for (let row = at - 1; row >= 0; row--) {
    const text = rows[row] ?? "";
    if (text.length < width) return null;
    const found = PROMPT.exec(text);
    if (found !== null) {
      const draft = [found[2] ?? "", ...rows.slice(row + 1, at + 1)].join("");
      return { kind: "prompt", draft, isMulti: found[1]?.endsWith("multi") ?? false };
    }
  }
  return null;
}

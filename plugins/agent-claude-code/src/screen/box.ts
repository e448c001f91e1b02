import { type AtTerminal, pressAt, screenAt } from "@agent-orchestrator/agent-kit/terminal";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { type Seen, seenNow } from "./screen.ts";

/** What the program shows while keys are text, for a user of its vim keys. */
const INSERTING = /-- INSERT --/;

/** With vim keys, Escape turns letters into commands. This returns to text, behind what is in the box. */
export async function ensureLetters(box: AtTerminal, usesVim: boolean): Promise<void> {
  if (!usesVim) return;
  const screen = await screenAt(box);
  if (screen === null || screen.rows.some((row) => INSERTING.test(row))) return;
  await pressAt(box, [{ char: "G" }, { char: "A" }]);
  await box.clock.sleep(DRAW_MS, box.signal);
}

const ROUNDS = 40;
const DRAW_MS = 120;

/**
 * Empties the input box without Escape, which would interrupt a turn or open the rewind menu. C-u deletes a row, and at its start
 * the line feed before it.
 */
export async function clearBox(box: AtTerminal): Promise<void> {
  const { clock, signal } = box;
  for (let round = 0; round < ROUNDS; round++) {
    const seen = await seenNow(box);
    const draft = seen?.isPrompt === true ? seen.draft : null;
    if (draft === null) break;
    if (draft === "") return;
    const rows = draft.split("\n").length;
    await pressAt(
      box,
      Array.from({ length: rows * 2 }, () => "C-u" as const),
    );
    await clock.sleep(DRAW_MS, signal);
  }
  throw new AoError("TRY_AGAIN", "the agent's input box could not be cleared");
}

const LOOK_MS = 100;
const LOOKS = 20;

/**
 * Whether a text in the input box was typed, or the program only draws it there as a suggestion: a suggestion is gone with the first key. So
 * a blank is typed. A draft keeps what it was, because the blank is taken back. After a suggestion it stays, which keeps the suggestion away, and the
 * program strips it.
 */
export async function isTyped(box: AtTerminal): Promise<boolean> {
  const { clock, signal } = box;
  await pressAt(box, [{ char: " " }]);
  let still = 0;
  for (let look = 0; look < LOOKS; look++) {
    await clock.sleep(LOOK_MS, signal);
    const seen = await seenNow(box);
    if (seen !== null && isEmptyPrompt(seen)) {
      still += 1;
      if (still === 2) return false;
    } else still = 0;
  }
  await pressAt(box, ["BSpace"]);
  return true;
}

const isEmptyPrompt = ({ draft, isPrompt }: Seen): boolean => isPrompt && draft === "";

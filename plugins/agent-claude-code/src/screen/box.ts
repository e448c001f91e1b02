import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { readScreen, type Seen } from "./screen.ts";

/** What the program shows while keys are text, for a user of its vim keys. */
const INSERTING = /-- INSERT --/;

/** With vim keys, Escape turns letters into commands. This returns to text, behind what is in the box. */
export async function ensureLetters(box: Box, usesVim: boolean): Promise<void> {
  if (!usesVim) return;
  const options = box.signal === undefined ? {} : { signal: box.signal };
  const screen = await box.terminal.screen(options);
  if (screen === null || screen.rows.some((row) => INSERTING.test(row))) return;
  await box.terminal.press([{ char: "G" }, { char: "A" }], options);
  await box.clock.sleep(DRAW_MS, box.signal);
}

interface Box {
  terminal: AgentTerminal;
  clock: Clock;
  signal: AbortSignal | undefined;
}

const ROUNDS = 40;
const DRAW_MS = 120;

/**
 * Empties the input box without Escape, which would interrupt a turn or open the rewind menu. C-u deletes a row, and at its start
 * the line feed before it.
 */
export async function clearBox(box: Box): Promise<void> {
  const { terminal, clock, signal } = box;
  const options = signal === undefined ? {} : { signal };
  for (let round = 0; round < ROUNDS; round++) {
    const screen = await terminal.screen(options);
    const seen = screen === null ? null : readScreen(screen);
    const draft = seen?.isPrompt === true ? seen.draft : null;
    if (draft === null) break;
    if (draft === "") return;
    const rows = draft.split("\n").length;
    await terminal.press(
      Array.from({ length: rows * 2 }, () => "C-u" as const),
      options,
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
export async function isTyped(box: Box): Promise<boolean> {
  const { terminal, clock, signal } = box;
  const options = signal === undefined ? {} : { signal };
  await terminal.press([{ char: " " }], options);
  let still = 0;
  for (let look = 0; look < LOOKS; look++) {
    await clock.sleep(LOOK_MS, signal);
    const screen = await terminal.screen(options);
    const seen = screen === null ? null : readScreen(screen);
    if (seen !== null && isEmptyPrompt(seen)) {
      still += 1;
      if (still === 2) return false;
    } else still = 0;
  }
  await terminal.press(["BSpace"], options);
  return true;
}

const isEmptyPrompt = ({ draft, isPrompt }: Seen): boolean => isPrompt && draft === "";

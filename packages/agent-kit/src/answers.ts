import { createHash } from "node:crypto";
import { AoError } from "@agent-orchestrator/core/model/errors";

import { type AtTerminal, pressAt } from "./terminal.ts";

/** The dialog that the user saw was answered or withdrawn, or another one is open. */
export const notOpen = (): AoError =>
  new AoError("REFUSED", "this question is no longer open, so nothing was answered", {
    hint: "Run `ao show` to see what is open.",
  });

/** The id of a dialog that only the screen shows. The same text with the same choices is the same dialog. */
export function screenDialogId(text: string, choices: readonly string[]): string {
  const hash = createHash("sha256").update(JSON.stringify([text, choices]));
  return `screen-${hash.digest("hex").slice(0, 16)}`;
}

/** A program has drawn the moved mark by then. */
const DRAWN_MS = 150;
const LOOKS = 30;

export interface Picking extends AtTerminal {
  /** The index of the choice. */
  wanted: number;
  /** The index of the choice that is marked now. Throws REFUSED if the list is another one or gone. */
  marked(): Promise<number>;
}

/** Chooses from a list in a terminal by keys: moves the mark, looks again, and only then confirms. Throws UNREACHABLE if the mark stays away. */
export async function pickByKeys(picking: Picking): Promise<void> {
  const { clock, signal, wanted, marked } = picking;
  for (let look = 0; look < LOOKS; look++) {
    const away = wanted - (await marked());
    if (away === 0) return pressAt(picking, ["Enter"]);
    await pressAt(
      picking,
      Array.from({ length: Math.abs(away) }, () => (away > 0 ? "Down" : "Up")),
    );
    await clock.sleep(DRAWN_MS, signal);
  }
  throw new AoError("UNREACHABLE", "the choice could not be selected", {
    hint: "Answer it in the terminal: `ao attach`.",
  });
}

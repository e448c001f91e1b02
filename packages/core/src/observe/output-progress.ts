import { at, type Iso } from "../model/time.ts";
import { screenSign } from "./screen-sign.ts";

export interface OutputParts {
  /** The program redraws its screen while nothing happens, so output alone says nothing. */
  isAnimated: boolean;
  /** Output is looked at no more often than this. */
  everyMs: number;
  /** What its terminal shows. Null if the runtime has no screen. */
  rows(): Promise<readonly string[] | null>;
  /** Output that is progress. */
  tell(): void;
}

/** Tells of output that is progress: not more often than it is worth a commit, and not of a spinner or a clock. */
export function outputProgress({ isAnimated, everyMs, rows, tell }: OutputParts): (when: Iso) => void {
  const isDue = atMostEvery(everyMs);
  let sign: string | null = null;
  let isLooking = false;

  async function look(): Promise<void> {
    isLooking = true;
    try {
      const shown = await rows();
      const next = shown === null ? null : screenSign(shown);
      if (next !== null && next === sign) return;
      sign = next;
      tell();
    } catch {
      // It cannot be looked at now: its output is all that is known.
      tell();
    } finally {
      isLooking = false;
    }
  }

  return (when) => {
    if (isLooking || !isDue(when)) return;
    if (isAnimated) void look();
    else tell();
  };
}

/** True for the first time, and for each that is so far from the last one, in either direction: a wall clock may be set back. */
export function atMostEvery(ms: number): (when: Iso) => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return (when) => {
    if (Math.abs(at(when) - last) < ms) return false;
    last = at(when);
    return true;
  };
}

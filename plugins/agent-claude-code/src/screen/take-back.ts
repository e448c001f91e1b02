import { type AtTerminal, pressAt, screenAt } from "@agent-orchestrator/agent-kit/terminal";
import type { Key } from "@agent-orchestrator/core/slots/screen";
import { piecesOf } from "@agent-orchestrator/plugin-kit/message";
import type { SessionWatch } from "../watch.ts";
import { type WayOut, wayOut } from "./draft.ts";
import { boxAround, readScreen, seenNow } from "./screen.ts";

/** Keys that a user presses while we read would be misread, so the user must have paused for this long. */
const STILL_LOOKS = 5;
const LOOK_MS = 100;
const PATIENCE_LOOKS = 150;
/** A newer program needs a while for this many, and a busy machine longer. */
const MAX_KEYS = 2_000;
const DRAWN_LOOKS = 400;

interface Box extends AtTerminal {
  watch: SessionWatch;
}

/**
 * Deletes what we typed from a user's draft, which stays. False if that could not be done with certainty. Then what was typed may be
 * sent with theirs.
 */
export async function takeBack(box: Box, ours: string): Promise<boolean> {
  const whole = await takeOut(box, ours);
  const pieces = piecesOf(ours);
  if (whole !== "unsure" || pieces.length === 1) return whole === "out";
  // Their text came between two pieces.
  for (const piece of pieces.reverse()) if ((await takeOut(box, piece)) !== "out") return false;
  return true;
}

/** `unsure`: no key was pressed. */
async function takeOut(box: Box, ours: string): Promise<"out" | "unsure" | "unseen"> {
  const around = await whenStill(box);
  const way = around === null ? null : wayOut(around, ours);
  if (way === null || way.back + 2 * way.left > MAX_KEYS) return "unsure";
  const times = (key: Key, count: number): Key[] => Array.from({ length: count }, () => key);
  const keys = [...times("Left", way.left), ...times("BSpace", way.back), ...times("Right", way.left)];
  await pressAt(box, keys);
  return (await isSeen(box, way)) ? "out" : "unseen";
}

/** Waits until the box is drawn as expected. */
async function isSeen(box: Box, way: WayOut): Promise<boolean> {
  for (let look = 0; look < DRAWN_LOOKS && !box.watch.isAsking; look++) {
    const seen = await seenNow(box);
    if (seen?.isWhole === true && way.isDone(seen.draft ?? "")) return true;
    await box.clock.sleep(LOOK_MS, box.signal);
  }
  return false;
}

/** The text before and behind the cursor once nobody has typed for a moment. Null if the draft is not fully visible, or typing goes on. */
async function whenStill(box: Box): Promise<{ before: string; after: string } | null> {
  let last = "";
  for (let look = 0, still = 0; look < PATIENCE_LOOKS && !box.watch.isAsking; look++) {
    const screen = await screenAt(box);
    const seen = screen === null ? null : readScreen(screen);
    if (screen === null || seen === null || !seen.isWhole) return null;
    const around = boxAround(screen);
    const now = JSON.stringify([around, screen.cursor]);
    still = now === last ? still + 1 : 0;
    if (still >= STILL_LOOKS) return around;
    last = now;
    await box.clock.sleep(LOOK_MS, box.signal);
  }
  return null;
}

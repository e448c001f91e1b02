import { type AtTerminal, screenAt } from "@agent-orchestrator/agent-kit/terminal";
import type { Screen } from "@agent-orchestrator/core/slots/screen";
import type { SessionWatch } from "../watch.ts";
import { holdsBeginning, holdsExactly, stagesOf } from "./draft.ts";
import { readScreen } from "./screen.ts";

/** A piece is drawn within this time, even by a program that has much to draw. After that it continues unseen. */
const DRAWN_TRIES = 60;
/** But the Enter is not pressed before everything was drawn. */
const LAST_TRIES = 300;
const DRAWN_MS = 20;
/** Between two screens there may be none. */
const BLANK_TRIES = 10;
/** What the program took for a paste appears as a note. */
const NOTE = /\[(?:Pasted|\.\.\.Truncated) text #\d+/;

export interface TypingGuard {
  /** Called before each piece and before the Enter. */
  ask(): Promise<boolean>;
  /** Why it refused. */
  stopped: "asking" | "human" | "unreadable" | null;
  /** What was typed by then. */
  typed: string;
}

interface Typing extends AtTerminal {
  watch: SessionWatch;
  text: string;
  isSuspended(): boolean;
  /** All of it is in the box, and the Enter follows. */
  onEnter(): void;
}

/**
 * Watches a message being typed. A piece is typed once the previous one is drawn: a program that reads several at once takes them for
 * a paste, and tells the model that its user did not write them. Typing stops if a dialog has opened, if keys are no longer text for
 * the model, or if the box contains anything that is not ours.
 */
export function typingGuard(of: Typing): TypingGuard {
  const { watch, clock, signal } = of;
  const stages = stagesOf(of.text);
  let asked = 0;
  let pictured: string | null = null;
  const guard: TypingGuard = { ask, stopped: null, typed: "" };

  function stop(why: "asking" | "human" | "unreadable"): boolean {
    guard.stopped = why;
    return false;
  }

  async function ask(): Promise<boolean> {
    const isSafe = await look();
    if (isSafe && guard.typed === of.text) of.onEnter();
    return isSafe;
  }

  async function look(): Promise<boolean> {
    guard.typed = stages[asked++] ?? of.text;
    const isLast = guard.typed === of.text;
    if (of.isSuspended()) return stop("human");
    let judged = "blank";
    for (let tries = 0, blanks = 0; tries < (isLast && judged === "begun" ? LAST_TRIES : DRAWN_TRIES); tries++) {
      if (watch.isAsking) return stop("asking");
      const screen = await screenAt(of);
      judged = screen === null ? "blank" : judge(screen);
      if (judged === "go") return true;
      if (judged === "human") return stop("human");
      if (judged === "blank" && ++blanks > BLANK_TRIES) return stop(isDialog(screen) ? "asking" : "unreadable");
      await clock.sleep(DRAWN_MS, signal);
    }
    return isLast && judged === "begun" ? stop("human") : true;
  }

  function judge(screen: Screen): "go" | "drawn" | "begun" | "blank" | "human" {
    const seen = readScreen(screen);
    if (seen.draft === null) return "blank";
    if (!seen.isPrompt) return "human";
    const shown = { draft: seen.draft, isWhole: seen.isWhole };
    const isNote = guard.typed !== "" && NOTE.test(seen.draft);
    if (!isNote && !holdsBeginning(shown, guard.typed)) return "human";
    if (!isNote && !holdsExactly(shown, guard.typed)) return "begun";
    const picture = pictureOf(screen);
    if (picture === pictured) return "drawn";
    pictured = picture;
    return "go";
  }
  return guard;
}

const isDialog = (screen: Screen | null): boolean => screen !== null && readScreen(screen).dialog !== null;

const pictureOf = ({ rows, cursor }: Screen): string => JSON.stringify([rows, cursor]);

import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Screen } from "@agent-orchestrator/core/slots/screen";
import { readScreen } from "./screen.ts";
import type { SessionWatch } from "./watch.ts";

/** A piece is drawn within this time, also by a program that has much to draw; then it goes on unseen. */
const DRAWN_TRIES = 60;
const DRAWN_MS = 20;
/** Between two pictures there may be none. */
const BLANK_TRIES = 10;

export interface TypingGuard {
  /** Asked before each piece and before the Enter. */
  ask(): Promise<boolean>;
  /** Why it said no. */
  stopped: "asking" | "human" | null;
  /** What stood in the box then. */
  draft: string;
}

/**
 * Watches a message being typed. A piece goes in when the one before was drawn: a program that reads several at once takes them for a
 * paste, and tells the model that its user did not write them. And nothing goes on when a dialog opened meanwhile, or when words stand
 * in the box that are not ours.
 */
export function typingGuard(of: {
  watch: SessionWatch;
  terminal: AgentTerminal;
  clock: Clock;
  signal: AbortSignal | undefined;
  words: string;
}): TypingGuard {
  const { watch, terminal, clock, signal, words } = of;
  let pictured: string | null = null;
  const guard: TypingGuard = { ask, stopped: null, draft: "" };

  function stop(why: "asking" | "human"): boolean {
    guard.stopped = why;
    return false;
  }

  async function ask(): Promise<boolean> {
    for (let tries = 0, blanks = 0; tries < DRAWN_TRIES; tries++) {
      if (watch.isAsking) return stop("asking");
      const screen = await terminal.screen(signal === undefined ? {} : { signal });
      const draft = screen === null ? null : readScreen(screen).draft;
      if (screen === null || draft === null) {
        blanks += 1;
        if (blanks > BLANK_TRIES) return stop("asking");
      } else if (!isPartOf(draft, words)) {
        guard.draft = draft;
        return stop("human");
      } else if (pictured === null || pictureOf(screen) !== pictured) {
        if (pictured === null && draft !== "") return stop("human");
        pictured = pictureOf(screen);
        return true;
      }
      await clock.sleep(DRAWN_MS, signal);
    }
    return true;
  }
  return guard;
}

const pictureOf = ({ rows, cursor }: Screen): string => JSON.stringify([rows, cursor]);

/** A long draft shows its end only; what was taken for a paste stands as a note. */
function isPartOf(draft: string, words: string): boolean {
  return /\[(?:Pasted|\.\.\.Truncated) text #\d+/.test(draft) || lettersOf(words).includes(lettersOf(draft));
}

/** What every terminal draws alike: blanks are wrapped, and pictures are drawn as it likes. */
const lettersOf = (text: string): string => text.normalize("NFC").replace(/[^\p{L}\p{N}]/gu, "");

/** How many times a key that deletes backwards takes away the words that stand at the end of the draft. */
export function ownTailLength(draft: string, words: string): number {
  const letters = lettersOf(draft);
  for (let length = words.length; length > 0; length--) {
    const head = words.slice(0, length);
    if (lettersOf(head) !== "" && letters.endsWith(lettersOf(head)))
      return [...new Intl.Segmenter().segment(head)].length;
  }
  return 0;
}

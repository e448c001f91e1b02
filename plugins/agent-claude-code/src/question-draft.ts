import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { readScreen, type Seen } from "./screen.ts";

const LOOK_MS = 100;
const LOOKS = 20;

interface Box {
  terminal: AgentTerminal;
  clock: Clock;
  signal: AbortSignal | undefined;
}

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

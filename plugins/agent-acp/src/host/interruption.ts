import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Prompt } from "./turns.ts";

/** How long to repeat an interrupt, because an agent that just got a prompt may ignore it. */
const AGAIN_MS = 500;
const TIMES = 60;

export interface InterruptionParts {
  clock: Clock;
  /** Tells the agent to end the turn. */
  cancel(): void;
  isRunning(prompt: Prompt): boolean;
  onFault(error: unknown): void;
}

export interface Interruption {
  /** Ends the turn of this prompt, or ends it as soon as the agent gets the prompt. False if there is nothing new to do. */
  of(prompt: Prompt | null): boolean;
  /** The agent has the prompt now. Its turn lasts until `turn` settles. */
  given<T>(prompt: Prompt, end: Promise<T>): Promise<T>;
}

/** An interrupt is for one prompt, and applies until that turn is over, but not to the next one. */
export function interruption({ clock, cancel, isRunning, onFault }: InterruptionParts): Interruption {
  let given: Prompt | null = null;
  let unwanted: Prompt | null = null;

  async function insist(prompt: Prompt): Promise<void> {
    for (let left = TIMES; left > 0 && isRunning(prompt); left--) {
      cancel();
      await clock.sleep(AGAIN_MS);
    }
  }

  return {
    of(prompt) {
      if (prompt === null) return false;
      const isKnown = unwanted === prompt;
      unwanted = prompt;
      if (prompt !== given) return !isKnown;
      if (isKnown) cancel();
      else insist(prompt).catch(onFault);
      return true;
    },
    given(prompt, end) {
      given = prompt;
      if (unwanted === prompt) insist(prompt).catch(onFault);
      return end;
    },
  };
}

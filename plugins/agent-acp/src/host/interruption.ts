import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Prompt } from "./turns.ts";

/** An agent that was just given a prompt may not heed an interrupt yet: it is told again, for so long. */
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
  /** Ends the turn of this prompt; of one that the agent does not have yet, as soon as it has it. false: there is nothing new to do. */
  of(prompt: Prompt | null): boolean;
  /** The agent has it now; its turn goes on until then. */
  given<T>(prompt: Prompt, end: Promise<T>): Promise<T>;
}

/** An interrupt is for one prompt, and holds until the turn of that one is over: the next one is none of its. */
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

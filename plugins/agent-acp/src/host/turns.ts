import { toIso } from "@agent-orchestrator/core/model/time";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Journal } from "../journal.ts";

export interface Prompt {
  /** Null if it was typed in the terminal, or is the first prompt of the launch. */
  id: string | null;
  text: string;
  from: "ao" | "terminal" | "launch";
}

/** How a turn ended: the agent's own word for it, or its error. */
export interface TurnEnd {
  stop: string;
  error: string | null;
  /** False if the agent rejected the prompt without processing it. */
  isTaken: boolean;
}

export interface Turns {
  /** `already`: a message with this id was accepted before. */
  submit(prompt: Prompt): "queued" | "already";
  wasTaken(id: string): boolean;
  /** The conversation is open, so prompts may be sent. */
  open(): void;
  /** The agent shows that it works on its prompt. */
  noteSign(): void;
  /** Ends the running turn, or the first one if the conversation is not open yet. False if there is nothing new to end. */
  cancel(): boolean;
  running(): Prompt | null;
  waiting(): number;
}

export interface TurnParts {
  journal: Journal;
  clock: Clock;
  /** Messages that were delivered before, including by an earlier host. */
  sent: Set<string>;
  /** Sends a prompt to the agent. Resolves at the end of its turn. */
  prompt(prompt: Prompt): Promise<TurnEnd>;
  /** Tells the agent to end the turn. */
  cancel(): void;
  onBegin(prompt: Prompt): void;
  onEnd(prompt: Prompt, end: TurnEnd): void;
  onChange(): void;
  onFault(error: unknown): void;
}

const RETRY_MS = 2_000;

/**
 * One turn at a time, as the protocol requires. Later messages wait. An id is on disk before the first byte of its message is sent to
 * the agent, so that it is sent once, whatever dies in between.
 */
export function turns(parts: TurnParts): Turns {
  const { journal, clock, sent } = parts;
  const queue: Prompt[] = [];
  let current: Prompt | null = null;
  let isAccepted = false;
  let isOpen = false;
  const interrupt = interruption({ ...parts, isRunning: (prompt) => current === prompt });
  const now = () => toIso(clock.now());

  function noteSign(): void {
    if (current === null || isAccepted) return;
    isAccepted = true;
    const { id, text } = current;
    journal.add({ k: "accepted", at: now(), id, text: id === null ? text : null });
    parts.onChange();
  }

  async function run(prompt: Prompt): Promise<void> {
    isAccepted = false;
    parts.onBegin(prompt);
    parts.onChange();
    const end = await interrupt.given(prompt, parts.prompt(prompt));
    if (end.isTaken) noteSign();
    journal.add({ k: "turn", at: now(), stop: end.stop, error: end.error });
    current = null;
    parts.onEnd(prompt, end);
    parts.onChange();
  }

  async function next(): Promise<void> {
    for (;;) {
      const prompt = isOpen && current === null ? queue.shift() : undefined;
      if (prompt === undefined) return;
      current = prompt;
      await remember(prompt, parts);
      await run(prompt);
    }
  }

  return {
    submit(prompt) {
      const { id } = prompt;
      if (id !== null && sent.has(id)) return "already";
      if (id !== null) {
        sent.add(id);
        journal.add({ k: "queued", at: now(), id });
      }
      queue.push(prompt);
      parts.onChange();
      next().catch(parts.onFault);
      return "queued";
    },
    wasTaken: (id) => sent.has(id),
    open() {
      isOpen = true;
      next().catch(parts.onFault);
    },
    noteSign,
    cancel: () => interrupt.of(current ?? (isOpen ? null : (queue[0] ?? null))),
    running: () => current,
    waiting: () => queue.length,
  };
}

/** A message is not sent without a record of it. It waits until there is space on the disk. */
async function remember({ id }: Prompt, { journal, clock, onFault }: TurnParts): Promise<void> {
  for (;;) {
    try {
      if (id !== null) journal.addSurely({ k: "sent", at: toIso(clock.now()), id });
      return;
    } catch (error) {
      onFault(error);
      await clock.sleep(RETRY_MS);
    }
  }
}

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
function interruption({ clock, cancel, isRunning, onFault }: InterruptionParts): Interruption {
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

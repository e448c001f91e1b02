import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Key, Screen } from "@agent-orchestrator/core/slots/screen";

/** Where something is done in a session's terminal, step by step. */
export interface AtTerminal {
  terminal: AgentTerminal;
  clock: Clock;
  signal?: AbortSignal | undefined;
}

/** The options of a call, as the slots take them. */
export const callOf = ({ signal }: Pick<AtTerminal, "signal">): { signal?: AbortSignal } =>
  signal === undefined ? {} : { signal };

/** Null if this runtime has no screen. */
export const screenAt = (at: Omit<AtTerminal, "clock">): Promise<Screen | null> => at.terminal.screen(callOf(at));

/** Throws what the runtime throws if the terminal is gone. */
export const pressAt = (at: Omit<AtTerminal, "clock">, keys: Key[]): Promise<void> =>
  at.terminal.press(keys, callOf(at));

import type { Agent } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Session } from "@agent-orchestrator/core/slots/common";

/** Awaited, whatever it returns. */
type Does = () => unknown;

/**
 * A launched agent whose program is a stand-in, at rest, and that nobody observes yet. The parts that an agent has no method for may be
 * missing. What is missing though the agent has the method fails the suite.
 */
export interface AgentAtWork {
  agent: Agent;
  session: Session;
  terminal: AgentTerminal;
  /** The suite observes now. `hint` says that its program printed something, as a runtime does. */
  onObserved?(hint: () => void): void;
  /** Its program begins a turn, and stays in it. */
  work: Does;
  /** That turn ends well. */
  rest: Does;
  /** It tells `idle` from `ready`, and so by the user's threshold. */
  idles?: boolean;
  /** For `answer`: it asks for a permission, in a turn of its own. */
  ask?: Does;
  /** The answers that reached its program. */
  answers?(): readonly unknown[];
  /** For `deliver`: two messages that its program takes, and does at once. */
  messages?: readonly [string, string];
  /** The messages that reached its program, by their text, in order. */
  received?(): readonly string[];
  /** For `interrupt`: how often its program was interrupted. */
  interrupts?(): number;
  /** For `getTranscript`: these become the last words of its conversation. */
  say?(words: string): unknown;
}

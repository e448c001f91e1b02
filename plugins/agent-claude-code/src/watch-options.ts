import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock, Log, Session } from "@agent-orchestrator/core/slots/common";
import type { LaunchNote } from "./launch-note.ts";

export interface WatchOptions {
  session: Session;
  note: LaunchNote;
  /** Null if the runtime does not say. */
  pid: number | null;
  terminal: AgentTerminal | null;
  emit(fact: AgentFact): void;
  readyThresholdMs(): number;
  clock: Clock;
  log: Log;
}

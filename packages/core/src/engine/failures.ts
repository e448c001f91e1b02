import type { ActionKind } from "../model/action.ts";
import type { Failure } from "../model/fact.ts";
import type { NewFact } from "./mailbox.ts";

/** The last failure of each kind of action in each session, since the daemon started. */
export interface Failures {
  /** `seq`: where the log was when these facts arrived. */
  note(sessionId: string, facts: readonly NewFact[], seq: number): void;
  /** The last one, if it came after that. */
  after(sessionId: string, kind: ActionKind, seq: number): Failure | null;
}

export function createFailures(): Failures {
  const last = new Map<string, { failure: Failure; seq: number }>();
  return {
    note(sessionId, facts, seq) {
      for (const fact of facts) {
        if (fact.kind === "effect-failed") last.set(`${sessionId} ${fact.action}`, { failure: fact.failure, seq });
      }
    },
    after(sessionId, kind, seq) {
      const known = last.get(`${sessionId} ${kind}`);
      return known !== undefined && known.seq > seq ? known.failure : null;
    },
  };
}

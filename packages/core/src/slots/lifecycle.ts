import type { ToldFact } from "../model/fact.ts";
import type { SessionRecord } from "../model/session.ts";

/**
 * The eighth slot, and the one that is not replaceable: what moves sessions. Facts go in, decisions are written down,
 * actions go out, and their results come back as the next facts. Implemented by core's engine.
 */
export interface Lifecycle {
  /** Facts of one session. `done` names the intent whose result they are. Returns at once; decided on in the next step. */
  tell(sessionId: string, facts: ToldFact[], done?: string): void;
  /** Called after every commit, with the sessions that changed. Answers how to stop that. */
  onCommit(listener: (changed: readonly SessionRecord[]) => void): () => void;
  /** Resolves when all that was told until now is on disk. */
  settled(): Promise<void>;
  /** Resolves when no action is under way. */
  idle(): Promise<void>;
}

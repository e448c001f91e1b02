import type { ToldFact } from "../model/fact.ts";
import type { SessionRecord } from "../model/session.ts";

/**
 * The eighth slot, and the only one that is not replaceable: what changes sessions. Facts go in, decisions are written down,
 * actions go out, and their results come back as the next facts. Core's engine implements it.
 */
export interface Lifecycle {
  /** Reports facts of one session. `done` names the intent whose result they are. Returns at once. The next step decides on them. */
  tell(sessionId: string, facts: ToldFact[], done?: string): void;
  /** Calls back after every commit with the sessions that changed. Returns a function that stops it. */
  onCommit(listener: (changed: readonly SessionRecord[]) => void): () => void;
  /** Resolves when everything reported so far is on disk. */
  settled(): Promise<void>;
  /** Resolves when no action is under way. */
  idle(): Promise<void>;
}

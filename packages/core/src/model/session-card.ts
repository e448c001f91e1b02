import type { CIStatus, PRState, ReviewDecision } from "./pull-request.ts";
import type { SessionStatus } from "./status.ts";

/** A session in a few words, for a channel that keeps one place for each session. All texts are one line without control characters. */
export interface SessionCard {
  sessionId: string;
  projectId: string;
  /** The title, or what it was spawned with. */
  title: string | null;
  agent: string;
  branch: string;
  status: SessionStatus;
  /** Why, as in `ao status`. */
  because: string;
  /** What the user had better do, or null. */
  needs: string | null;
  pr: { number: number; url: string; state: PRState; ci: CIStatus; review: ReviewDecision } | null;
}

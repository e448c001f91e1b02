import type { Session } from "./common.ts";

/** How a user opens a session's terminal. */
export interface Terminal {
  readonly name?: string;
  openSession(session: Session): Promise<void>;
  openAll(sessions: Session[]): Promise<void>;
  isSessionOpen?(session: Session): Promise<boolean>;
}

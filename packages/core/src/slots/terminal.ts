import type { CallOptions, Session } from "./common.ts";

/** The program that shows a session, for a window of its own. */
export interface AttachCommand {
  argv: string[];
  env: Record<string, string>;
}

/** What a terminal may use besides the session. */
export interface OpenOptions extends CallOptions {
  /** The environment of whoever asked: their display, their tmux. */
  env: Record<string, string>;
  /** Throws UNAVAILABLE if the session has no terminal now. */
  attach(session: Session): Promise<AttachCommand>;
  /** The address of the session's page, or of the dashboard. It logs one browser in, once, within a minute. */
  page(session: Session | null): Promise<string>;
}

/** How a user opens a session's terminal. Both methods bring to the front what is open already, if the program can. Throw UNAVAILABLE if it is not there. */
export interface Terminal {
  readonly name?: string;
  openSession(session: Session, options: OpenOptions): Promise<void>;
  openAll(sessions: Session[], options: OpenOptions): Promise<void>;
  isSessionOpen?(session: Session, options: OpenOptions): Promise<boolean>;
}

import type { CallOptions } from "./common.ts";
import type { Key, Screen } from "./screen.ts";

/**
 * The terminal that a session's agent runs in, as core passes it to the agent plugin. The plugin knows what the screen means and
 * which keys help, but not where the program runs.
 */
export interface AgentTerminal {
  /** Null if this runtime has no screen. */
  screen(options?: CallOptions): Promise<Screen | null>;
  /**
   * Writes one message and one Enter, at most once per id. An id that was started before (by a daemon that was killed) is not
   * started again, and the call returns. `typed` writes small pieces, as a person would, and `bracketed` one paste. `guard` is called
   * before each typed piece and before the Enter. If it returns false, what was typed stays as a draft, and REFUSED is thrown.
   */
  write(message: WrittenMessage, options?: CallOptions): Promise<void>;
  press(keys: Key[], options?: CallOptions): Promise<void>;
}

export interface WrittenMessage {
  id: string;
  text: string;
  how: "typed" | "bracketed";
  guard?: () => Promise<boolean>;
}

export interface WithTerminal extends CallOptions {
  terminal: AgentTerminal;
}

import type { CallOptions } from "./common.ts";
import type { Key, Screen } from "./screen.ts";

/**
 * The terminal that a session's agent runs in, as core hands it to the agent plugin: the plugin knows what the screen means and
 * which keys help, and nothing of where the program runs.
 */
export interface AgentTerminal {
  /** null: this runtime has no screen to show. */
  screen(options?: CallOptions): Promise<Screen | null>;
  /**
   * Writes one message and one Enter, at most once per id: an id that was begun before (by a daemon that was killed meanwhile) is
   * not begun again, and the call returns. `typed`: in small pieces, as a human would; `bracketed`: as one paste. `guard` is asked
   * before each typed piece and before the Enter: false leaves what was typed as a draft, and REFUSED is thrown.
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

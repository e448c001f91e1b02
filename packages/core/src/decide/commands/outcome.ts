import type { CommandKind, CommandResults, FactAbout } from "../../model/command.ts";
import type { SessionEvent } from "../../model/event.ts";
import type { Refusal } from "../../model/refusal.ts";
import type { State } from "../../model/state.ts";

export interface CommandContext {
  /** Wall time of this step. */
  nowMs: number;
}

interface Change {
  /** The same object as the state that was given when nothing changed. */
  next: State;
  events?: readonly SessionEvent[];
  /** For sessions, which decide on them in the same step. Actions are theirs: no command starts one by itself. */
  facts?: readonly FactAbout[];
}

type Told<K extends CommandKind> = K extends keyof CommandResults
  ? { result: CommandResults[K] }
  : { result?: undefined };

/** What becomes of a command: a change of the state, or the reason why not. */
export type Outcome<K extends CommandKind> = (Change & Told<K>) | { refused: Refusal };

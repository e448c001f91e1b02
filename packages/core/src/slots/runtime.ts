import type { Iso } from "../model/time.ts";
import type { CallOptions, RuntimeHandle } from "./common.ts";
import type { Key, Screen } from "./screen.ts";

export interface RuntimeCreateConfig {
  sessionId: string;
  workspacePath: string;
  /** A command line for `sh -c`. Used only where `argv` is absent. */
  launchCommand: string;
  environment: Record<string, string>;
  /** Preferred to `launchCommand`: the program and its arguments, never through a shell. */
  argv?: string[];
  /** Names this launch; a second `create` with the same intent finds the first one's work and finishes it. */
  intentId?: string;
  /** Shown to humans (status line); a stranger's words. */
  title?: string;
  /** Name of the instance, 12 hex digits: session names outside are `{instanceId}-{sessionId}`. */
  instanceId?: string;
  /** How messages reach the program: found out by itself when absent. */
  paste?: "bracketed" | "line" | "file";
  /** A private folder of this session where the runtime may put files (env, message files, exit record). */
  sessionDir?: string;
  /** Text for the program's stdin, which is then closed. Only runtimes without a terminal. */
  stdin?: string;
}

/** `alive: false` only when that is certain. Cannot tell is thrown. */
export interface ProcessInfo {
  alive: boolean;
  pid: number | null;
  /** Opaque; with the pid it names one process for ever (Linux: starttime of /proc/PID/stat and boot id). */
  startId: string | null;
  /** null while alive, or when nobody knows. */
  exit: { code: number | null; signal: string | null; at: Iso } | null;
}

export type RuntimeFact =
  /** The program wrote something. At most a few a second. */
  | { kind: "output"; at: Iso }
  /** The program ended; `exit` null when its status is unknown. */
  | { kind: "exit"; at: Iso; exit: ProcessInfo["exit"]; lastOutput: string | null }
  /** The whole runtime of this session is gone (tmux server killed, container removed). */
  | { kind: "lost"; at: Iso; reason: string }
  /** A human typed in an attached terminal. */
  | { kind: "human-input"; at: Iso }
  /** The program can take messages now (its input mode settled). */
  | { kind: "ready"; at: Iso };

/** argv to run in the human's terminal, and a sentence how to leave. */
export interface AttachInfo {
  argv: string[];
  env?: Record<string, string>;
  detachHint: string;
}

export interface SendOptions extends CallOptions {
  /** A message with an id that was written before is not written again: the call returns as if it had just been. */
  id?: string;
  /** Overrides the launch's `paste`. `typed`: in small pieces, as a human would type, with line feeds as they are. */
  paste?: "bracketed" | "line" | "file" | "typed";
  /**
   * Asked before each piece of a `typed` message and before its Enter. False stops the writing: REFUSED is thrown, the id counts as
   * not written, and what was typed so far is a draft in the program's input.
   */
  guard?: () => Promise<boolean>;
}

/** WHERE an agent runs. Every method may be repeated; a handle outlives the daemon. */
export interface Runtime {
  readonly name?: string;
  /** Starts the program and returns when its process runs. Throws UNAVAILABLE when it cannot be started. */
  create(config: RuntimeCreateConfig, options?: CallOptions): Promise<RuntimeHandle>;
  /** Ends the program and all its descendants; fine when there is nothing left. */
  destroy(handle: RuntimeHandle, options?: CallOptions): Promise<void>;
  /** One message and one Enter (or line), exactly once per id. Throws when the program is gone. Control characters are removed. */
  sendMessage(handle: RuntimeHandle, message: string, options?: SendOptions): Promise<void>;
  /** The last lines of what the program printed, without escape sequences. Also after its death, where kept. */
  getOutput(handle: RuntimeHandle, lines?: number, options?: CallOptions): Promise<string>;
  /** false only when certain; throws when it cannot tell. */
  isAlive(handle: RuntimeHandle, options?: CallOptions): Promise<boolean>;
  getMetrics?(handle: RuntimeHandle): Promise<{ rssBytes: number; cpuMs: number }>;
  getAttachInfo?(handle: RuntimeHandle): Promise<AttachInfo>;
  getProcess?(handle: RuntimeHandle, options?: CallOptions): Promise<ProcessInfo>;
  /** Pushes facts of one session until `stop` is called. Facts are hints: `getProcess` is the truth. */
  watch?(handle: RuntimeHandle, onFact: (fact: RuntimeFact) => void): Promise<{ stop(): Promise<void> }>;
  /** What the terminal shows now. */
  getScreen?(handle: RuntimeHandle, options?: CallOptions): Promise<Screen>;
  /** Presses keys, one after another: an agent's own interrupt, an answer to a dialog. */
  sendKeys?(handle: RuntimeHandle, keys: Key[]): Promise<void>;
  /** Prints to every terminal that is attached now: the bell and a line (for notifications without a desktop). */
  ring?(handle: RuntimeHandle, text: string): Promise<void>;
  /** Lists what this runtime still holds, so that orphans can be found after a crash. */
  list?(): Promise<{ sessionId: string; instanceId: string; handle: RuntimeHandle }[]>;
  /** What doctor should know: one line each, `ok: false` with what to do. */
  check?(): Promise<{ ok: boolean; text: string; hint?: string }[]>;
  /** Closes connections and watchers; agents live on. */
  close?(): Promise<void>;
}

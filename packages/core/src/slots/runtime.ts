import type { Iso } from "../model/time.ts";
import type { CallOptions, RuntimeHandle } from "./common.ts";
import type { Place, PlacedSession } from "./place.ts";
import type { Key, Screen } from "./screen.ts";
import type { TerminalEvents, TerminalView } from "./terminal-view.ts";

export interface RuntimeCreateConfig {
  sessionId: string;
  /** The folder that the program starts in. */
  workspacePath: string;
  /** The session's checkout, if the program starts in a folder below it. */
  checkoutPath?: string;
  /** A command line for `sh -c`. Used only if `argv` is absent. */
  launchCommand: string;
  environment: Record<string, string>;
  /** Preferred to `launchCommand`: the program and its arguments, never through a shell. */
  argv?: string[];
  /** Identifies this launch. A second `create` with the same intent finds the first one's work and finishes it. */
  intentId?: string;
  /** Shown to people (status line). It is a stranger's text. */
  title?: string;
  /** Id of the instance, 12 hex digits. Session names outside `ao` are `{instanceId}-{sessionId}`. */
  instanceId?: string;
  /** How messages reach the program. If absent, the runtime detects it. */
  paste?: "bracketed" | "line" | "file";
  /** A private folder of this session where the runtime may put files (env, message files, exit record). */
  sessionDir?: string;
  /** Text for the program's stdin, which is then closed. Only for runtimes without a terminal. */
  stdin?: string;
}

/** `alive: false` only if that is certain. Throws if it can't tell. */
export interface ProcessInfo {
  alive: boolean;
  pid: number | null;
  /** Opaque. Together with the pid it is unique to one process (Linux: starttime of /proc/PID/stat and boot id). */
  startId: string | null;
  /** Null while it is alive, or if nobody knows. */
  exit: { code: number | null; signal: string | null; at: Iso } | null;
}

/** A process of a session, below the agent's program or detached from it. */
export interface SessionProcess {
  pid: number;
  /** As in `ProcessInfo`. */
  startId: string;
  parent: number;
  /** Its command line, on one line. */
  command: string;
  startedAt: Iso;
}

export type RuntimeFact =
  /** The program printed something. At most a few per second. */
  | { kind: "output"; at: Iso }
  /** The program ended. `exit` is null if its status is unknown. */
  | { kind: "exit"; at: Iso; exit: ProcessInfo["exit"]; lastOutput: string | null }
  /** The whole runtime of this session is gone (tmux server killed, container removed). */
  | { kind: "lost"; at: Iso; reason: string }
  /** Somebody typed in an attached terminal. */
  | { kind: "human-input"; at: Iso }
  /** The program accepts messages now (its input mode is set). */
  | { kind: "ready"; at: Iso };

/** The argv to run in the user's terminal, and a sentence that says how to leave. */
export interface AttachInfo {
  argv: string[];
  env?: Record<string, string>;
  detachHint: string;
  /** The keys that leave it, in tmux's notation: `["C-b", "d"]`. A caller inside another multiplexer may have to press more. */
  detachKeys?: string[];
}

export interface SendOptions extends CallOptions {
  /** A message with an id that was written before is not written again. The call returns as if it had been. */
  id?: string;
  /** Overrides the launch's `paste`. `typed`: in small pieces, as a person would type, with line feeds unchanged. */
  paste?: "bracketed" | "line" | "file" | "typed";
  /**
   * Called before each piece of a `typed` message and before its Enter. False stops the writing: REFUSED is thrown, the id counts as
   * not written, and what was typed so far stays as a draft in the program's input.
   */
  guard?: () => Promise<boolean>;
}

/** WHERE an agent runs. Every method may be repeated. A handle outlives the daemon. */
export interface Runtime {
  readonly name?: string;
  /** Starts the program and returns once its process runs. Throws UNAVAILABLE if it cannot be started. */
  create(config: RuntimeCreateConfig, options?: CallOptions): Promise<RuntimeHandle>;
  /** Ends the program and all its descendants. Succeeds if nothing is left. */
  destroy(handle: RuntimeHandle, options?: CallOptions): Promise<void>;
  /** Writes one message and one Enter (or line), exactly once per id. Throws if the program is gone. Removes control characters. */
  sendMessage(handle: RuntimeHandle, message: string, options?: SendOptions): Promise<void>;
  /** The last lines that the program printed, without escape sequences. Also after its end, if they were kept. */
  getOutput(handle: RuntimeHandle, lines?: number, options?: CallOptions): Promise<string>;
  /** False only if that is certain. Throws if it can't tell. */
  isAlive(handle: RuntimeHandle, options?: CallOptions): Promise<boolean>;
  getMetrics?(handle: RuntimeHandle): Promise<{ rssBytes: number; cpuMs: number }>;
  getAttachInfo?(handle: RuntimeHandle): Promise<AttachInfo>;
  getProcess?(handle: RuntimeHandle, options?: CallOptions): Promise<ProcessInfo>;
  /** What runs below the agent's program, or was started by it and left its tree. Without the program itself, oldest first. */
  listProcesses?(handle: RuntimeHandle, options?: CallOptions): Promise<SessionProcess[]>;
  /** Ends exactly these processes and their descendants, as far as `listProcesses` has them. Succeeds if none of them is left. */
  endProcesses?(
    handle: RuntimeHandle,
    processes: readonly Pick<SessionProcess, "pid" | "startId">[],
    options?: CallOptions,
  ): Promise<void>;
  /** Pushes facts of one session until `stop` is called. Facts are hints. `getProcess` is the truth. */
  watch?(handle: RuntimeHandle, onFact: (fact: RuntimeFact) => void): Promise<{ stop(): Promise<void> }>;
  /** What the terminal shows now. */
  getScreen?(handle: RuntimeHandle, options?: CallOptions): Promise<Screen>;
  /** For the dashboard: what the terminal shows, live. Never slows the program down, and never changes its size by itself. */
  view?(handle: RuntimeHandle, events: TerminalEvents): Promise<TerminalView>;
  /** Presses keys one after another, for an agent's own interrupt or an answer to a dialog. */
  sendKeys?(handle: RuntimeHandle, keys: Key[]): Promise<void>;
  /** Rings the bell and prints a line in every attached terminal (for notifications without a desktop). */
  ring?(handle: RuntimeHandle, text: string): Promise<void>;
  /** Where the programs of this session run. Absent: on this machine, with everything as the daemon sees it. */
  place?(session: PlacedSession): Place;
  /** Lists what this runtime still has, so that orphans can be found after a crash. */
  list?(): Promise<{ sessionId: string; instanceId: string; handle: RuntimeHandle }[]>;
  /** What doctor should know, one line each. `ok: false` comes with a hint. */
  check?(): Promise<{ ok: boolean; text: string; hint?: string }[]>;
  /** Closes connections and watchers. Agents keep running. */
  close?(): Promise<void>;
}

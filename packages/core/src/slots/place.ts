import type { CallOptions } from "./common.ts";

/** What a program printed, and how it ended. */
export interface RunResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions extends CallOptions {
  cwd?: string;
  env?: Record<string, string>;
  input?: string | Uint8Array;
  timeoutMs?: number;
}

/**
 * WHERE a session's programs run: this machine, a container, another machine. A path of a session (its checkout, its private folder)
 * means the same in every place; what differs is who can reach it, and how.
 */
export interface Place {
  /** A word for people: "this machine", "the container ao-…". */
  readonly name: string;
  /**
   * Whether this machine has the files of the session under the same paths, so that hooks, transcripts and git can be read and written
   * directly. Where it has not, everything goes through the verbs below.
   */
  readonly sharesFiles: boolean;
  /** Whether the pids of its programs are pids of this machine, which can be judged and signalled directly. */
  readonly sharesProcesses: boolean;
  /** A session's environment as its programs will find it there: home, PATH, and without what speaks of this machine. */
  environment(env: Record<string, string>): Record<string, string>;
  /** Runs a program beside the agent's. Any exit status is an answer. Throws UNAVAILABLE if the place is gone. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Null if there is no such file. */
  readFile(path: string, options?: CallOptions): Promise<Uint8Array | null>;
  /** Whole or not at all. Makes its folder. Mode 0600 unless another is given. */
  writeFile(path: string, bytes: string | Uint8Array, options?: CallOptions & { mode?: number }): Promise<void>;
  /**
   * Tells what a file has from this byte on, and what is added to it, each byte once and in order, until the signal aborts. The file need
   * not exist yet. One that shrank is told from its start, at offset 0.
   */
  followFile(
    path: string,
    onBytes: (bytes: Uint8Array, offset: number) => void,
    options: { from: number; signal: AbortSignal },
  ): Promise<void>;
  /** Signals one process of the place, and only if it is still that one. Returns false if it has ended. */
  signal(process: { pid: number; startId: string }, signal: string): Promise<boolean>;
}

/** The session that a place is asked for. It may not have started yet. */
export interface PlacedSession {
  sessionId: string;
  instanceId: string;
  workspacePath: string;
  sessionDir: string;
}

import type { ErrorCode } from "../model/errors.ts";

/**
 * Every answer of the daemon is a stream of these, one JSON object per line (`application/x-ndjson`). It ends with a
 * `result` or an `error`. A stream that ends without one means that the daemon ended.
 */
export type Frame<T = unknown, M = unknown> =
  /** Progress, for the user who waits. */
  | { type: "progress"; text: string }
  /** One document of a stream (`--watch`, `--follow`). */
  | { type: "item"; data: T }
  /** Show this to the user now, with the bell and a desktop notification through their terminal. */
  | { type: "ring"; text: string }
  | { type: "result"; data: T; meta: M }
  | { type: "error"; error: WireError };

export interface WireError {
  code: ErrorCode;
  message: string;
  hint?: string;
  details?: Record<string, unknown>;
}

/** Who asks. Sent with every request as `caller`. */
export interface Caller {
  cwd: string;
  /** The caller's own process. Used only where the kernel cannot name it. */
  pid: number;
  /** The user's token, from `daemon/token`. */
  token?: string;
  /** `AO_SESSION_PROOF`, when the caller runs inside a session. */
  proof?: string;
  /** `--config` or `AO_CONFIG_PATH`. */
  configPath?: string;
  /** `AO_SESSION_ID`, when the caller runs inside a session. */
  sessionId?: string;
  /** Build of the caller. A daemon of another build replaces itself. */
  build: string;
  /** The whole environment, for requests that start something. In memory only. */
  env?: Record<string, string>;
  /** Identifies this wish. The same id after a lost connection means the same wish. */
  wishId?: string;
}

export interface RequestBody<P = unknown> {
  params: P;
  caller: Caller;
}

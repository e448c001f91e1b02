/**
 * The closed table of error codes. A code fixes the exit status of the command line and says whether the same call may
 * succeed later without anything being changed by hand (`retry`).
 */
export const ERROR_CODES = {
  FAILED: { exit: 1, retry: false, meaning: "something failed that has no more precise code" },
  UNCONFIRMED: { exit: 1, retry: false, meaning: "a message was written, and the receipt that was due did not come" },
  ENDED_OTHERWISE: { exit: 1, retry: false, meaning: "what was waited for ended in another way" },
  USAGE: { exit: 64, retry: false, meaning: "the command line is wrong" },
  NOT_FOUND: { exit: 66, retry: false, meaning: "no such project, session, issue, pull request or plugin" },
  AMBIGUOUS: { exit: 66, retry: false, meaning: "a name fits more than one session or project" },
  UNAVAILABLE: {
    exit: 69,
    retry: false,
    meaning: "a program, terminal, service or agent that is needed is missing or dead",
  },
  UNREACHABLE: { exit: 69, retry: true, meaning: "something did not answer in time" },
  REFUSED: { exit: 73, retry: false, meaning: "allowed by nobody in this state: it would lose work, or break a rule" },
  UNTRUSTED: { exit: 73, retry: false, meaning: "the config was not trusted with `ao trust`" },
  NOT_PERMITTED: { exit: 73, retry: false, meaning: "an agent asked for what only the human may do" },
  NO_SPACE: { exit: 73, retry: true, meaning: "there is no room for what has to be kept first" },
  TRY_AGAIN: { exit: 75, retry: true, meaning: "nothing happened and nothing will: ask again" },
  CONFIG: { exit: 78, retry: false, meaning: "the config or the repository is not usable" },
  STATE_NEWER: { exit: 78, retry: false, meaning: "the state folder was written by a newer version" },
  PLUGIN: { exit: 78, retry: false, meaning: "a plugin could not be loaded or does not fit its slot" },
} as const satisfies Record<string, { exit: number; retry: boolean; meaning: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorOptions {
  /** What to do next, one sentence. */
  hint?: string;
  cause?: unknown;
  /** Facts for machines; never a secret. */
  details?: Record<string, unknown>;
}

const BRAND = Symbol.for("ao.error");

/** The one error class: an expected failure of the world, told in the user's words. Recognise it by `isAoError`. */
export class AoError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Record<string, unknown> | undefined;
  readonly [BRAND] = true;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AoError";
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
  }
}

/** By brand, not `instanceof`: a plugin may carry its own copy of this module. */
export function isAoError(error: unknown): error is AoError {
  return typeof error === "object" && error !== null && (error as Record<symbol, unknown>)[BRAND] === true;
}

/** Any thrown value as an AoError; a foreign one becomes FAILED with its own message. */
export function toAoError(error: unknown): AoError {
  if (isAoError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AoError("FAILED", message, { cause: error });
}

export function exitStatusOf(error: unknown): number {
  return ERROR_CODES[toAoError(error).code].exit;
}

/** For the last branch of a `switch` over a union. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}

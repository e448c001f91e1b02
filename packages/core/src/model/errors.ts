/**
 * All error codes. A code determines the exit status of the command line, and whether the same call may succeed later
 * without a change by the user (`retry`).
 */
export const ERROR_CODES = {
  FAILED: { exit: 1, retry: false, meaning: "something failed, and no other code fits" },
  UNCONFIRMED: {
    exit: 1,
    retry: false,
    meaning: "it may have reached the agent, which did not confirm it: do not repeat it",
  },
  ENDED_OTHERWISE: { exit: 1, retry: false, meaning: "the session ended without reaching the status" },
  USAGE: { exit: 64, retry: false, meaning: "the command line is wrong" },
  NOT_FOUND: { exit: 66, retry: false, meaning: "no such project, session, issue, pull request or plugin" },
  AMBIGUOUS: { exit: 66, retry: false, meaning: "a name matches more than one session or project" },
  UNAVAILABLE: {
    exit: 69,
    retry: false,
    meaning: "a program, terminal, service or agent that is needed is missing or has ended",
  },
  UNREACHABLE: { exit: 69, retry: true, meaning: "something did not answer in time" },
  REFUSED: { exit: 73, retry: false, meaning: "this would lose work or break a rule" },
  UNTRUSTED: { exit: 73, retry: false, meaning: "the config is not trusted; run `ao trust`" },
  NOT_PERMITTED: { exit: 73, retry: false, meaning: "an agent tried to do something that only you may do" },
  NO_SPACE: { exit: 73, retry: true, meaning: "there is no room to save the work first" },
  TRY_AGAIN: { exit: 75, retry: true, meaning: "nothing was done; run the command again" },
  CONFIG: { exit: 78, retry: false, meaning: "the config or the repository cannot be used" },
  STATE_NEWER: { exit: 78, retry: false, meaning: "the state folder was written by a newer version" },
  PLUGIN: { exit: 78, retry: false, meaning: "a plugin could not be loaded, or lacks a method of its slot" },
} as const satisfies Record<string, { exit: number; retry: boolean; meaning: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorOptions {
  /** What to do next, in one sentence. */
  hint?: string;
  cause?: unknown;
  /** For programs. Never contains a secret. */
  details?: Record<string, unknown>;
}

const BRAND = Symbol.for("ao.error");

/** The only error class: a failure that is expected, in the user's words. Recognise it by `isAoError`. */
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

/** Checks a brand instead of `instanceof`, since a plugin may have its own copy of this module. */
export function isAoError(error: unknown): error is AoError {
  return typeof error === "object" && error !== null && (error as Record<symbol, unknown>)[BRAND] === true;
}

/** What the system says if there is no room for what is written, on the disk or in a quota. */
const FULL = new Set(["ENOSPC", "EDQUOT"]);

/** Any thrown value as an AoError. A full disk is NO_SPACE. Other errors become FAILED and keep their message. */
export function toAoError(error: unknown): AoError {
  if (isAoError(error)) return error;
  const { code, path } = (typeof error === "object" && error !== null ? error : {}) as {
    code?: unknown;
    path?: unknown;
  };
  if (typeof code === "string" && FULL.has(code)) {
    const where = typeof path === "string" ? `: no room for ${path}` : "";
    return new AoError("NO_SPACE", `the disk is full${where}`, {
      hint: "Free some disk space, then try again.",
      cause: error,
    });
  }
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

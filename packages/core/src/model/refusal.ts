import { AoError, type ErrorCode } from "./errors.ts";

/** Why something is not done, in the user's words: an answer, not a failure. */
export interface Refusal {
  code: ErrorCode;
  message: string;
  hint?: string;
  details?: Record<string, unknown>;
}

/** The error that its caller sees. */
export const errorOf = ({ code, message, ...options }: Refusal): AoError => new AoError(code, message, options);

/** For a caller that checks something before it begins. */
export function throwIfRefused(refusal: Refusal | null): void {
  if (refusal !== null) throw errorOf(refusal);
}

import type { TurnFailure, TurnFailureKind } from "@agent-orchestrator/core/model/turn-failure";
import { turnFailure } from "@agent-orchestrator/plugin-kit/turn-failure";

/** A provider's refusal in aider's wording. `quota`: retrying is useless until it is renewed. `limit`: too much at once. */
export type Refusal = "quota" | "limit" | "error";

const QUOTA =
  /exceeded your (current )?quota|insufficient_quota|usage limit|^litellm\.BudgetExceededError\b|credit balance is too low/i;

const LIMIT = /^litellm\.RateLimitError\b|^The API provider has rate limited you\b/;
const ERROR =
  /^litellm\.\w+(?:Error|Exception)\b|^litellm\.Timeout\b|^The API provider('s servers are down| is not able| has refused| was unable| timed out)|^Permission was denied\. Check|^Insufficient credits|^Model \S+ has hit a token limit!|^The LLM did not conform/;

/** The statuses of litellm's errors (`litellm/exceptions.py`). */
const STATUSES: Readonly<Record<string, number>> = {
  BadRequestError: 400,
  UnsupportedParamsError: 400,
  ContentPolicyViolationError: 400,
  AuthenticationError: 401,
  PermissionDeniedError: 403,
  NotFoundError: 404,
  Timeout: 408,
  UnprocessableEntityError: 422,
  RateLimitError: 429,
  InternalServerError: 500,
  BadGatewayError: 502,
  ServiceUnavailableError: 503,
};

/** Those whose name says more than their status. */
const KINDS: Readonly<Record<string, TurnFailureKind>> = {
  BudgetExceededError: "credit",
  ContextWindowExceededError: "size",
  APIConnectionError: "connection",
};

/** The failure of a turn, in the provider's words. */
export function failureOf({ what, text }: { what: Refusal; text: string }): TurnFailure {
  const name = /^litellm\.(\w+)/.exec(text)?.[1] ?? "";
  const kind = what === "quota" ? "credit" : (KINDS[name] ?? null);
  return turnFailure({ text, kind, status: STATUSES[name] ?? null });
}

/** Null if it is not a provider's error. */
export function refusalOf(line: string): Refusal | null {
  if (line.startsWith("litellm.") && QUOTA.test(line)) return "quota";
  if (LIMIT.test(line)) return "limit";
  return ERROR.test(line) ? "error" : null;
}

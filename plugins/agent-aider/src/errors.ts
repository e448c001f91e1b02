import { toIso } from "@agent-orchestrator/core/model/time";
import type { TurnFailure, TurnFailureKind } from "@agent-orchestrator/core/model/turn-failure";
import { turnFailure } from "@agent-orchestrator/plugin-kit/turn-failure";

/** A provider's refusal in aider's wording. `quota`: retrying is useless until it is renewed. `limit`: too much at once. */
export type Refusal = "quota" | "limit" | "error";

const QUOTA =
  /exceeded your (current )?quota|insufficient_quota|usage limit|^litellm\.BudgetExceededError\b|credit balance is too low/i;

const LIMIT = /^litellm\.RateLimitError\b|^The API provider has rate limited you\b/;
const ERROR =
  /^litellm\.\w+(?:Error|Exception)\b|^litellm\.Timeout\b|^The API provider('s servers are down| is not able| has refused| was unable| timed out)|^Permission was denied\. Check|^Insufficient credits|^Model \S+ has hit a token limit!|^The LLM did not conform/;

/** litellm's names of errors. */
const KINDS: Readonly<Record<string, TurnFailureKind>> = {
  AuthenticationError: "login",
  PermissionDeniedError: "access",
  BudgetExceededError: "credit",
  NotFoundError: "model",
  ContextWindowExceededError: "size",
  RateLimitError: "busy",
  InternalServerError: "service",
  ServiceUnavailableError: "service",
  BadGatewayError: "service",
  APIConnectionError: "connection",
  Timeout: "connection",
};

/** The failure of a turn, in the provider's words. */
export function failureOf({ what, text }: { what: Refusal; text: string }): TurnFailure {
  const named = KINDS[/^litellm\.(\w+)/.exec(text)?.[1] ?? ""];
  return turnFailure({ text, kind: what === "quota" ? "credit" : (named ?? null) });
}

/** Null if it is not a provider's error. */
export function refusalOf(line: string): Refusal | null {
  if (line.startsWith("litellm.") && QUOTA.test(line)) return "quota";
  if (LIMIT.test(line)) return "limit";
  return ERROR.test(line) ? "error" : null;
}

const IN_TIME =
  /(?:try again|retry|reset\w*) (?:in|after) ((?:\d+(?:\.\d+)?\s*(?:ms|[dhms]|seconds?|minutes?|hours?|days?)\s*)+)/i;
const AT_TIME =
  /(?:until|reset\w*(?: at)?|try again at) (\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)/i;
const UNIT_MS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** When a limit ends, if the provider's text says so. */
export function resetOf(text: string, nowMs: number): string | null {
  const at = AT_TIME.exec(text)?.[1];
  const atMs = at === undefined ? Number.NaN : Date.parse(at.replace(" ", "T"));
  if (!Number.isNaN(atMs)) return toIso(atMs);
  const span = IN_TIME.exec(text)?.[1];
  if (span === undefined) return null;
  let ms = 0;
  for (const [, count = "0", unit = ""] of span.matchAll(/(\d+(?:\.\d+)?)\s*(ms|[a-z]+)/gi)) {
    ms += Number(count) * (UNIT_MS[unit.toLowerCase()] ?? UNIT_MS[unit[0]?.toLowerCase() ?? ""] ?? 0);
  }
  return ms > 0 ? toIso(nowMs + ms) : null;
}

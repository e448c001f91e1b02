import type { Failure } from "./script.ts";

export type Protocol = "anthropic" | "responses" | "chat";

export interface FailureAnswer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

const NAMES: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  429: "rate_limit_error",
  500: "api_error",
  529: "overloaded_error",
};

/** An error as the vendor of this protocol words it. */
export function failureAnswer(failure: Failure, protocol: Protocol, nowMs: number): FailureAnswer {
  if (failure.status === 0) return limitAnswer(failure, protocol, nowMs);
  const type = NAMES[failure.status] ?? "api_error";
  const message = `scripted ${failure.status}`;
  const headers: Record<string, string> =
    failure.retryAfterSeconds === null ? {} : { "retry-after": String(failure.retryAfterSeconds) };
  if (failure.status === 400) headers["x-should-retry"] = "false";
  const body =
    protocol === "anthropic"
      ? { type: "error", error: { type, message }, request_id: "req_scripted" }
      : { error: { message, type, param: null, code: failure.status === 429 ? "rate_limit_exceeded" : null } };
  return { status: failure.status, headers, body };
}

/** The usage limit of a subscription or a spent quota: nothing goes on before its reset. */
function limitAnswer(failure: Failure, protocol: Protocol, nowMs: number): FailureAnswer {
  const resetsAt = Math.floor(nowMs / 1000) + (failure.retryAfterSeconds ?? 3600);
  if (protocol === "anthropic") {
    return {
      status: 429,
      headers: {
        "x-should-retry": "false",
        "retry-after": String(failure.retryAfterSeconds ?? 3600),
        "anthropic-ratelimit-unified-status": "rejected",
        "anthropic-ratelimit-unified-reset": String(resetsAt),
        "anthropic-ratelimit-unified-representative-claim": "five_hour",
        "anthropic-ratelimit-unified-fallback": "unavailable",
        "anthropic-ratelimit-unified-overage-status": "rejected",
        "anthropic-ratelimit-unified-5h-status": "rejected",
        "anthropic-ratelimit-unified-5h-reset": String(resetsAt),
        "anthropic-ratelimit-unified-5h-utilization": "1",
      },
      body: { type: "error", error: { type: "rate_limit_error", message: "You have reached your usage limit." } },
    };
  }
  if (protocol === "responses") {
    const message = "The usage limit has been reached";
    const error = { type: "usage_limit_reached", message, plan_type: "plus", resets_at: resetsAt };
    return { status: 429, headers: {}, body: { error } };
  }
  const message = "You exceeded your current quota, please check your plan and billing details.";
  return {
    status: 429,
    headers: { "retry-after": String(failure.retryAfterSeconds ?? 3600) },
    body: { error: { message, type: "insufficient_quota", param: null, code: "insufficient_quota" } },
  };
}

import type { Failure } from "./script.ts";

export type Protocol = "anthropic" | "responses" | "chat";

export interface FailureAnswer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

interface Shape {
  /** As Anthropic names the kind of error. */
  type: string;
  message: string;
  /** As OpenAI names it, where it does. */
  code?: string;
}

/** What the vendors' own servers say with each status. */
const SHAPES: Record<number, Shape> = {
  400: { type: "invalid_request_error", message: "scripted 400" },
  401: { type: "authentication_error", message: "scripted 401: invalid api key", code: "invalid_api_key" },
  402: { type: "billing_error", message: "scripted 402: no credit is left" },
  403: { type: "permission_error", message: "scripted 403: this key may not use the model" },
  404: { type: "not_found_error", message: "scripted 404: the model does not exist", code: "model_not_found" },
  413: { type: "request_too_large", message: "scripted 413: the request is too large" },
  429: { type: "rate_limit_error", message: "scripted 429", code: "rate_limit_exceeded" },
  500: { type: "api_error", message: "scripted 500: internal server error" },
  529: { type: "overloaded_error", message: "scripted 529: overloaded" },
};

/** An error as the vendor of this protocol words it. */
export function failureAnswer(failure: Failure, protocol: Protocol, nowMs: number): FailureAnswer {
  const { status } = failure;
  // Only the truth needs a status here. It is never sent.
  if (typeof status === "string") return { status: 500, headers: {}, body: null };
  if (status === 0) return limitAnswer(failure, protocol, nowMs);
  const { type, message, code } = SHAPES[status] ?? { type: "api_error", message: `scripted ${status}` };
  const headers: Record<string, string> =
    failure.retryAfterSeconds === null ? {} : { "retry-after": String(failure.retryAfterSeconds) };
  if (status === 400) headers["x-should-retry"] = "false";
  const body =
    protocol === "anthropic"
      ? { type: "error", error: { type, message }, request_id: "req_scripted" }
      : { error: { message, type, param: null, code: code ?? null } };
  return { status, headers, body };
}

/** The usage limit of a subscription or a spent quota. Nothing works before its reset. */
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

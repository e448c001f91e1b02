import { expect, test } from "vitest";
import { failureOf } from "./failure.ts";

test.each([
  { text: "You've hit your session limit · resets 3pm (UTC)", error: "rate_limit", status: 429, kind: "limit" },
  { text: "You've hit your Opus limit · resets 3pm (UTC)", error: null, status: null, kind: "limit" },
  { text: "API Error: Request rejected (429) · slow down", error: "rate_limit", status: 429, kind: "busy" },
  {
    text: "Server is temporarily limiting requests (not your usage limit) · Rate limited",
    error: "rate_limit",
    status: 429,
    kind: "busy",
  },
  { text: "Invalid API key · Please run /login", error: "authentication_failed", status: 401, kind: "login" },
  { text: "Please run /login · API Error: 403 no", error: "authentication_failed", status: 403, kind: "access" },
  { text: "Please run /login · API Error: 403 no", error: "authentication_failed", status: null, kind: "access" },
  { text: "API Error: 401 no", error: null, status: 401, kind: "login" },
  {
    text: "There's an issue with the selected model (claude-x). It may not exist or you may not have access to it.",
    error: "model_not_found",
    status: 404,
    kind: "model",
  },
  { text: "API Error: 402 no", error: null, status: 402, kind: "credit" },
  { text: "API Error: Connection closed mid-response", error: "unknown", status: null, kind: "connection" },
  { text: "Credit balance is too low", error: "billing_error", status: 400, kind: "credit" },
  { text: "API Error: 400 scripted 400", error: "unknown", status: 400, kind: "request" },
  { text: "API Error: 529 Overloaded", error: "overloaded", status: 529, kind: "service" },
  {
    text: "Context limit reached · /compact or /clear to continue",
    error: "invalid_request",
    status: 400,
    kind: "request",
  },
])("$text", ({ text, error, status, kind }) => {
  expect(failureOf(text, error, status).kind).toBe(kind);
});

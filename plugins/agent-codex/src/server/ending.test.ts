import { expect, test } from "vitest";
import { endingOf } from "./ending.ts";

const turn = (message: string, codexErrorInfo: unknown) =>
  endingOf({ id: "t", status: "failed", error: { message, codexErrorInfo } }, null);

test.each([
  ["login", "unexpected status 401 Unauthorized: no", { httpConnectionFailed: { httpStatusCode: 401 } }],
  ["access", "unexpected status 403 Forbidden: no", { httpConnectionFailed: { httpStatusCode: 403 } }],
  ["credit", "unexpected status 402 Payment Required: no", { httpConnectionFailed: { httpStatusCode: 402 } }],
  ["size", "unexpected status 413 Payload Too Large: no", { httpConnectionFailed: { httpStatusCode: 413 } }],
  ["busy", "exceeded retry limit, last status: 429", { responseTooManyFailedAttempts: { httpStatusCode: 429 } }],
  ["busy", "slow down", "rateLimitExceeded"],
  ["model", "it does not exist", "modelNotFound"],
  ["size", "no room", "contextWindowExceeded"],
  ["login", "no", "unauthorized"],
  ["service", "no", "serverOverloaded"],
  ["connection", "stream disconnected before completion", { responseStreamDisconnected: { httpStatusCode: null } }],
  ["other", "boom", "other"],
  ["other", "boom", { unknown: 7 }],
] as const)("a turn that ended with an error of kind %s: %s", (kind, text, info) => {
  expect(turn(text, info)).toMatchObject({ failure: { kind, text }, limit: null });
});

test("the words of a vendor's answer are taken out of their JSON", () => {
  const text = JSON.stringify({ error: { message: "scripted 400", type: "invalid_request_error" } });
  expect(turn(text, "other").failure).toEqual({ kind: "request", text: "scripted 400" });
});

test("a usage limit is no failure, and neither is an interrupt", () => {
  expect(turn("You've hit your usage limit.", "usageLimitExceeded")).toMatchObject({
    failure: null,
    limit: { resetsAt: null },
  });
  expect(endingOf({ id: "t", status: "interrupted" }, null)).toMatchObject({ failure: null, limit: null });
});

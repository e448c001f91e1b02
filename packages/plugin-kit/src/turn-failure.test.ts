import { expect, test } from "vitest";
import { turnFailure } from "./turn-failure.ts";

test.each([
  ["login", "Please run /login · API Error: 401 invalid x-api-key"],
  ["login", "unexpected status 401 Unauthorized: Incorrect API key provided, url: http://127.0.0.1/v1/responses"],
  ["login", "The API provider is not able to authenticate you. Check your API key."],
  ["access", "unexpected status 403 Forbidden: scripted 403: this key may not use this"],
  ["credit", "API Error: 402 scripted"],
  ["credit", "API Error: 400 Your credit balance is too low to access the Anthropic API."],
  ["credit", "You exceeded your current quota, please check your plan and billing details."],
  ["credit", "Insufficient credits"],
  ["model", "There's an issue with the selected model (claude-x). It may not exist or you may not have access to it."],
  ["model", "The model `gpt-9` does not exist or you do not have access to it."],
  ["model", "Model not found: scripted/nope"],
  ["size", "unexpected status 413 Payload Too Large"],
  ["size", "prompt is too long: 213462 tokens > 200000 maximum"],
  ["size", "Codex ran out of room in the model's context window."],
  ["request", "API Error: 400 messages: text content blocks must be non-empty"],
  ["busy", "API Error: Request rejected (429) · scripted 429"],
  ["busy", "exceeded retry limit, last status: 429 Too Many Requests"],
  ["service", "API Error: 529 overloaded"],
  ["service", "litellm.InternalServerError: OpenAIException - try later"],
  ["connection", "stream disconnected before completion: error sending request"],
  ["connection", "API Error: Connection closed mid-response"],
  ["connection", "Unable to connect to API (ECONNREFUSED)"],
  ["other", "it did not work"],
] as const)("is of kind %s: %s", (kind, text) => {
  expect(turnFailure({ text })).toEqual({ kind, text });
});

test("the program's own name of the kind wins, then its status; words are one clean line", () => {
  expect(turnFailure({ text: "a\n\u001b[31mb", status: 429 })).toEqual({ kind: "busy", text: "a b" });
  expect(turnFailure({ text: "status 429", status: 503 }).kind).toBe("service");
  expect(turnFailure({ text: "status 429", kind: "login" }).kind).toBe("login");
});

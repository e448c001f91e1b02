import { expect, test } from "vitest";
import { parseConfirm } from "./screen/confirm.ts";
import type { Reading } from "./screen/screen.ts";
import { EMPTY_HISTORY, type History } from "./transcript/history.ts";
import { type ScreenSignal, type Signals, weigh } from "./weigh.ts";

const AT = "2026-05-22T10:00:00.000Z";
const CONFIRM = parseConfirm("Run shell command? (Y)es/(N)o/(D)on't ask again [Yes]:");
if (CONFIRM === null) throw new Error("no question");

const PROMPT: Reading = { kind: "prompt", draft: "", isMulti: false };
const ASKS: Reading = { kind: "confirm", confirm: CONFIRM, above: ["rm -rf x"] };
const BUSY: Reading = { kind: "other", line: "Waiting for gpt-4o" };
const OPEN: Partial<History> = { runs: 1, isTurnOpen: true, userText: "do it" };

interface Case {
  reading: Reading | null;
  history?: Partial<History>;
  isPrompting?: boolean | null;
  steadyMs?: number;
  more?: Partial<Signals>;
}

function verdictOf({ reading, history = OPEN, isPrompting = null, steadyMs = 0, more = {} }: Case) {
  const screen: ScreenSignal | null = reading === null ? null : { reading, at: AT, steadyMs, isPrompting };
  const base = { nowMs: 0, notifiedAt: null, sinceInputMs: 5_000, hasPrompted: true };
  return weigh({ ...base, history: { ...EMPTY_HISTORY, ...history }, screen, ...more });
}

const told = { notifiedAt: AT };

test.each<[string, string, Case]>([
  ["a message was accepted and the model is called", "active", { reading: BUSY }],
  ["its prompt is open, and the terminal says so", "ready", { reading: PROMPT, isPrompting: true }],
  ["it reported that it waits, and the prompt is visible", "ready", { reading: PROMPT, more: told }],
  ["the model's words look like a prompt", "active", { reading: PROMPT }],
  ["they do, and the terminal knows of no prompt", "active", { reading: PROMPT, isPrompting: false, steadyMs: 900 }],
  ["what looks like a prompt does not change", "ready", { reading: PROMPT, steadyMs: 600 }],
  [
    "a terminal without bracketed paste does not change",
    "ready",
    { reading: PROMPT, isPrompting: false, steadyMs: 3_500 },
  ],
  [
    "a message was just sent, and the old prompt is still visible",
    "active",
    { reading: PROMPT, isPrompting: true, more: { sinceInputMs: 50 } },
  ],
  ["a question is open, and the terminal says so", "waiting_input", { reading: ASKS, isPrompting: true }],
  ["the model's text looks like a question", "active", { reading: ASKS }],
  ["the question is on file", "waiting_input", { reading: ASKS, history: { ...OPEN, subject: "rm -rf x" } }],
  ["what looks like a question does not change", "waiting_input", { reading: ASKS, steadyMs: 1_200 }],
  ["the question was just answered", "active", { reading: ASKS, isPrompting: true, more: { sinceInputMs: 50 } }],
  ["it reported that it waits, but not for what", "waiting_input", { reading: BUSY, steadyMs: 2_500, more: told }],
  ["it reported that it waits, and something still changes", "active", { reading: BUSY, steadyMs: 100, more: told }],
  ["it was interrupted", "ready", { reading: PROMPT, history: { ...OPEN, isInterrupted: true } }],
  ["it starts", "active", { reading: BUSY, history: {}, more: { hasPrompted: false } }],
  [
    "it asks something at its start",
    "waiting_input",
    { reading: ASKS, history: {}, isPrompting: true, more: { hasPrompted: false } },
  ],
  ["a user scrolls or completes, and no turn is open", "ready", { reading: BUSY, history: { runs: 1 } }],
  ["no screen, a turn is open", "active", { reading: null }],
  ["no screen, it told that it waits", "ready", { reading: null, more: told }],
  ["no screen, nothing is known", "unknown", { reading: null, history: { runs: 1 } }],
])("%s: %s", (_what, state, given) => {
  expect(verdictOf(given).state).toBe(state);
});

test("signals that were not followed are reported with those that were", () => {
  const verdict = verdictOf({ reading: ASKS });
  expect(verdict.overruled).toMatchObject({ source: "screen", state: "waiting_input" });
  expect(verdict.isProvisional).toBe(true);
});

const LIMIT = { what: "limit", text: "litellm.RateLimitError: try again in 1m30s" } as const;
const QUOTA = { what: "quota", text: "litellm.RateLimitError: You exceeded your current quota" } as const;

test("a limit that is waited out within the turn counts as work, and one that ended the turn is a state of its own", () => {
  expect(verdictOf({ reading: BUSY, history: { ...OPEN, refusal: LIMIT, isRetrying: true } })).toMatchObject({
    state: "active",
    evidence: expect.stringContaining("tries again"),
  });
  expect(verdictOf({ reading: PROMPT, isPrompting: true, history: { ...OPEN, refusal: LIMIT } })).toMatchObject({
    state: "limited",
    resetsAt: "1970-01-01T00:01:30.000Z",
  });
});

test("a spent quota keeps failing at once, however often aider retries: only its user can add credit", () => {
  const failure = { kind: "credit", text: QUOTA.text };
  for (const isRetrying of [true, false]) {
    const retried = { ...OPEN, refusal: QUOTA, isRetrying };
    expect(verdictOf({ reading: BUSY, history: retried })).toMatchObject({ state: "active", failure });
  }
  const ended = { ...OPEN, refusal: QUOTA };
  expect(verdictOf({ reading: PROMPT, isPrompting: true, history: ended })).toMatchObject({ state: "ready", failure });
});

test.each([
  ["busy", "limit", "litellm.RateLimitError: slow down"],
  ["login", "error", "litellm.AuthenticationError: AuthenticationError: OpenAIException - no"],
  ["access", "error", "litellm.PermissionDeniedError: no"],
  ["model", "error", "litellm.NotFoundError: no"],
  ["request", "error", "litellm.BadRequestError: OpenAIException - scripted 400"],
  ["credit", "error", "litellm.BadRequestError: AnthropicException - Your credit balance is too low"],
  ["request", "error", "litellm.UnprocessableEntityError: no"],
  ["size", "error", "litellm.ContextWindowExceededError: litellm.BadRequestError: no"],
  ["connection", "error", "litellm.Timeout: no"],
  ["service", "error", "litellm.InternalServerError: InternalServerError: OpenAIException - no"],
  ["connection", "error", "litellm.APIConnectionError: no"],
  ["credit", "error", "Insufficient credits"],
] as const)("a turn that ended with an error of kind %s says so: %s %s", (kind, what, text) => {
  const history = { ...OPEN, refusal: { what, text } };
  expect(verdictOf({ reading: PROMPT, isPrompting: true, history })).toMatchObject({
    state: "ready",
    failure: { kind, text },
  });
});

test("a provider's error ends the turn, and is reported", () => {
  const refusal = { what: "error", text: "litellm.BadRequestError: no" } as const;
  expect(verdictOf({ reading: PROMPT, isPrompting: true, history: { ...OPEN, refusal } })).toMatchObject({
    state: "ready",
    evidence: expect.stringContaining("litellm.BadRequestError"),
  });
});

import { type Compaction, compactionIn } from "./compaction.ts";
import { type ModelMessage, readPosition, SUMMARY } from "./conversation.ts";
import { type FailureAnswer, failureAnswer, type Protocol } from "./failures.ts";
import type { Step } from "./script.ts";
import { type ToolCall, toolCallFor } from "./tools.ts";
import type { TrueState } from "./truth.ts";

export interface ModelRequest {
  messages: ModelMessage[];
  toolNames: string[];
  protocol: Protocol;
  /** How often this step of this conversation was refused before. */
  refusals: (key: string) => number;
  nowMs: number;
}

/** What the scripted model does with one request, and what is true once it has. */
export interface Turn {
  users: string[];
  results: string[];
  /** A side call (a title, a summary) that belongs to no turn. */
  isSide: boolean;
  /** The summary of a conversation. It belongs to the agent's work, and the user said nothing in it. */
  isSummary: boolean;
  delayMs: number;
  streamMs: number;
  hangs: boolean;
  failure: (FailureAnswer & { key: string; breaksOff: "cut" | "drop" | null }) | null;
  text: string;
  call: ToolCall | null;
  usage: Record<string, number>;
  after: { state: TrueState; why: string };
}

export function planTurn(request: ModelRequest): Turn {
  const { users, results, step, stepNumber, key, echo } = readPosition(request.messages);
  const turn: Turn = {
    users,
    results,
    isSide: request.toolNames.length === 0,
    isSummary: false,
    delayMs: step?.delayMs ?? 0,
    streamMs: step?.streamMs ?? 0,
    hangs: step?.hangs ?? false,
    failure: null,
    text: step?.text ?? (step === null ? `Echo: ${echo.slice(0, 300)}` : wordsOf(step, stepNumber)),
    call: null,
    usage: usageOf(request, step?.usage ?? {}),
    after: { state: "idle", why: "the turn is over" },
  };
  const compaction = compactionIn(request.messages);
  if (compaction !== null) return { ...turn, ...summary(compaction) };
  if (turn.isSide)
    return { ...turn, delayMs: 0, streamMs: 0, hangs: false, text: sideText(request), after: turn.after };
  if (step === null) return turn;
  if (step.failure !== null && request.refusals(key) < step.failure.times) {
    const failure = failureAnswer(step.failure, request.protocol, request.nowMs);
    const { status } = step.failure;
    const breaksOff = typeof status === "string" ? status : null;
    return { ...turn, failure: { ...failure, key, breaksOff }, after: afterFailure(status) };
  }
  if (step.call === null) return turn;
  const call = toolCallFor(step.call, request.toolNames);
  if (call === null) return { ...turn, text: `This client has no tool for ${step.call.verb}.` };
  const asks = step.call.verb === "ask" || step.call.verb === "gated";
  return {
    ...turn,
    call,
    text: step.text ?? `Step ${stepNumber + 1}: ${step.call.verb}.`,
    after: {
      state: asks ? "waiting_input" : "active",
      why: `tool call: ${step.call.verb} ${step.call.rest.slice(0, 80)}`,
    },
  };
}

/** What was said before stays out of it, so that the script does not begin again. */
function summary({ delayMs, isInTurn }: Compaction): Partial<Turn> {
  const after = { state: isInTurn ? ("active" as const) : ("idle" as const), why: "the conversation is summarized" };
  return {
    ...{ isSide: false, isSummary: true, hangs: false, streamMs: 0 },
    delayMs,
    text: SUMMARY,
    after,
  };
}

/** Two lines a second, so that something new arrives all the time. */
function wordsOf({ streamMs }: Step, stepNumber: number): string {
  if (streamMs === 0) return `All ${stepNumber} scripted steps are done.`;
  const lines = Array.from(
    { length: Math.ceil(streamMs / 500) },
    (_, at) => `- ${PLANETS[at % PLANETS.length]}, again`,
  );
  return `A long answer:\n\n${lines.join("\n")}`;
}

const PLANETS = ["Mercury", "Venus", "Earth", "Mars", "Jupiter", "Saturn", "Uranus", "Neptune"];

/** Only the agent knows whether it retries after an error. If it has given up, the scenario marks that. */
function afterFailure(status: number | "cut" | "drop"): Turn["after"] {
  if (status === 0) return { state: "limited", why: "usage limit" };
  return { state: "refused", why: typeof status === "string" ? `connection: ${status}` : `error ${status}` };
}

/** Titles: some clients want JSON, and say so. */
function sideText({ messages }: ModelRequest): string {
  const asked = JSON.stringify(messages);
  return /json/i.test(asked) ? '{"title":"Scripted task","branch":"scripted-task","isNewTopic":true}' : "Scripted task";
}

function usageOf({ messages }: ModelRequest, wanted: Record<string, number>): Record<string, number> {
  const input = wanted.in ?? 1000 + 20 * messages.length;
  const output = wanted.out ?? 42;
  return { input, output, cacheRead: wanted.cacheRead ?? 0, cacheWrite: wanted.cacheWrite ?? 0 };
}

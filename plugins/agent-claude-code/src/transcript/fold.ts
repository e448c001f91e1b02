import { addTokens, type Counts } from "@agent-orchestrator/agent-kit/tokens";
import { oneLine } from "@agent-orchestrator/core/model/text";
import { TurnFailureKind } from "@agent-orchestrator/core/model/turn-failure";
import { z } from "zod";
import type { TranscriptEvent } from "./line.ts";

/** Tokens by kind, as stored. */
export const Tokens = z.object({
  input: z.number(),
  output: z.number(),
  cacheRead: z.number(),
  cacheWrite: z.number(),
}) satisfies z.ZodType<Counts>;

/** A kind recorded by an earlier build says less than the current ones. */
const FailureKind = z.enum(["limit", ...TurnFailureKind.options]).catch("other");

/** What a transcript says up to a given line. It is small and kept in a file, so that a restart continues reading there. */
export const Folded = z.object({
  /** By model. */
  tokens: z.record(z.string(), Tokens),
  /** The latest answers. Each is written as several lines with the same counts. */
  counted: z.array(z.object({ id: z.string(), model: z.string(), tokens: Tokens })),
  /** The last model that answered. */
  model: z.string().nullable(),
  /** Tools that have started and not ended. */
  open: z.array(z.object({ id: z.string(), name: z.string(), what: z.string(), at: z.string() })),
  /** Messages that wait in the agent's own queue. */
  queued: z.number(),
  failure: z.object({ kind: FailureKind, text: z.string(), at: z.string() }).nullable(),
  interruptedAt: z.string().nullable(),
  turnEndedAt: z.string().nullable(),
  promptAt: z.string().nullable(),
  movedAt: z.string().nullable(),
  title: z.string().nullable(),
  lastPrompt: z.string().nullable(),
});
export type Folded = z.infer<typeof Folded>;

const MAX_COUNTED = 32;
const MAX_OPEN = 64;

export const nothingFolded = (): Folded => ({
  tokens: {},
  counted: [],
  model: null,
  open: [],
  queued: 0,
  failure: null,
  interruptedAt: null,
  turnEndedAt: null,
  promptAt: null,
  movedAt: null,
  title: null,
  lastPrompt: null,
});

export function fold(state: Folded, event: TranscriptEvent): Folded {
  if (event.kind === "title") return { ...state, title: oneLine(event.text) };
  if (event.kind === "last-prompt") return { ...state, lastPrompt: oneLine(event.text) };
  const moved = { ...state, movedAt: event.at === "" ? state.movedAt : event.at };
  switch (event.kind) {
    case "prompt":
      return { ...moved, promptAt: event.at, failure: null };
    case "enqueued":
      return { ...moved, queued: state.queued + 1 };
    case "dequeued":
      return { ...moved, queued: Math.max(0, state.queued - 1) };
    case "tool-begun": {
      const { id, name, at } = event;
      const begun = { id, name, what: whatOf(event.input), at };
      return { ...moved, open: [...state.open, begun].slice(-MAX_OPEN), failure: null };
    }
    case "tool-ended":
      return { ...moved, open: state.open.filter(({ id }) => id !== event.id) };
    case "answered":
      return { ...countAnswer(moved, event), failure: null };
    case "failed":
      return {
        ...moved,
        failure: { ...event.failure, text: oneLine(event.failure.text, 300), at: event.at },
        open: [],
      };
    case "interrupted":
      return { ...moved, interruptedAt: event.at, open: [] };
    case "turn-ended":
      return { ...moved, turnEndedAt: event.at, open: [] };
  }
}

function countAnswer(state: Folded, event: Extract<TranscriptEvent, { kind: "answered" }>): Folded {
  const { model } = event;
  const known = state.counted.find(({ id }) => id === event.messageId);
  const counted = [
    ...state.counted.filter(({ id }) => id !== event.messageId),
    { id: event.messageId, model, tokens: event.tokens },
  ].slice(-MAX_COUNTED);
  return {
    ...state,
    model,
    counted,
    tokens: { ...state.tokens, [model]: addTokens(state.tokens[model], event.tokens, known?.tokens) },
  };
}

/** The most telling part of a tool's input, shortened. */
export function whatOf(input: unknown): string {
  const fields = (input ?? {}) as Record<string, unknown>;
  for (const key of ["command", "file_path", "path", "url", "pattern", "query", "description", "prompt"]) {
    const value = fields[key];
    if (typeof value === "string") return value.slice(0, 500);
  }
  return "";
}

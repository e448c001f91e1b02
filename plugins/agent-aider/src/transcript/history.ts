import type { ChatEvent } from "./chat.ts";
import { type Refusal, refusalOf } from "./errors.ts";

/** The current state, according to the conversation's file. */
export interface History {
  /** How many starts of aider this file contains. */
  runs: number;
  /** A user's message was accepted, and nothing shows yet that the turn is over. */
  isTurnOpen: boolean;
  /** Something was accepted (a message, an answer) since aider last reported that it waits. */
  userText: string | null;
  /** Since the last input: it was interrupted. */
  isInterrupted: boolean;
  /** Since the last input: the provider refused, and aider retries by itself. */
  isRetrying: boolean;
  /** Since the last input: the provider's refusal, with its text and kind. */
  refusal: { what: Refusal; text: string } | null;
  /** Since the last input: a command that it runs. */
  running: string | null;
  /** The last block, if it is aider's own. It is the subject of an open question. */
  subject: string | null;
  model: string | null;
}

export const EMPTY_HISTORY: History = {
  runs: 0,
  isTurnOpen: false,
  userText: null,
  isInterrupted: false,
  isRetrying: false,
  refusal: null,
  running: null,
  subject: null,
  model: null,
};

const AFTER_INPUT = { isInterrupted: false, isRetrying: false, refusal: null, running: null, subject: null } as const;

/** Adds one event. Pure. */
export function foldChat(history: History, event: ChatEvent): History {
  switch (event.kind) {
    case "started":
      return { ...EMPTY_HISTORY, runs: history.runs + 1 };
    case "user":
      return { ...history, ...AFTER_INPUT, userText: event.text, isTurnOpen: event.text !== "<blank>" };
    case "answered":
      return { ...history, subject: null };
    case "model":
      return { ...history, model: event.name, subject: null };
    case "interrupted":
      return { ...history, isInterrupted: true, subject: null };
    case "retrying":
      return { ...history, isRetrying: true, subject: null };
    case "running":
      return { ...history, running: event.command, subject: null };
    case "said":
      return said(history, event.line);
    case "text":
      return goesOn(history, event.line);
    case "usage":
    case "commit":
      // There is an answer, so earlier refusals are over.
      return { ...history, isRetrying: false, refusal: null, subject: null };
  }
}

function said(history: History, line: string): History {
  const what = refusalOf(line);
  const refusal = what === null ? history.refusal : worse(history.refusal, { what, text: line });
  // A new refusal ends the wait before it.
  return { ...history, refusal, isRetrying: what === null && history.isRetrying, subject: line };
}

/** A limit is followed by sentences about errors in general. It stays a limit, and its first sentence says until when. */
function worse(before: History["refusal"], now: NonNullable<History["refusal"]>): NonNullable<History["refusal"]> {
  if (before !== null && before.what !== "error" && !now.text.startsWith("litellm.")) return before;
  return now;
}

/** A question about several commands lists them in lines of which only the first is marked. */
function goesOn(history: History, line: string): History {
  if (history.subject !== null && !line.startsWith("> "))
    return { ...history, subject: `${history.subject}\n${line.trimEnd()}` };
  return { ...history, subject: line.startsWith("> ") ? line.slice(2).trimEnd() : null };
}

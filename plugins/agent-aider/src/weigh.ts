import { resetTimeIn } from "@agent-orchestrator/agent-kit/reset-time";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { Iso } from "@agent-orchestrator/core/model/time";
import type { TurnFailure } from "@agent-orchestrator/core/model/turn-failure";
import type { Reading } from "./screen/screen.ts";
import { failureOf } from "./transcript/errors.ts";
import type { History } from "./transcript/history.ts";

/** Everything known at one moment. */
export interface Signals {
  nowMs: number;
  history: History;
  /** When aider reported that it waits, if that was after its last input. */
  notifiedAt: Iso | null;
  screen: ScreenSignal | null;
  /** Since it last accepted a message or an answer. */
  sinceInputMs: number;
  /** It has been at its prompt in this run. After that, whatever is not a turn is idle. */
  hasPrompted: boolean;
}

export interface ScreenSignal {
  reading: Reading;
  at: Iso;
  /** How long it has looked like this. */
  steadyMs: number;
  /** Whether a prompt is open, since bracketed paste is on only then. Null if unknown. */
  isPrompting: boolean | null;
}

type Overruled = NonNullable<Activity["overruled"]>[number];

export interface Verdict {
  state: "active" | "ready" | "waiting_input" | "limited" | "unknown";
  source: "hook" | "transcript" | "screen" | "none";
  evidence: string;
  /** The time of the deciding signal, if it has its own. */
  at: Iso | null;
  /** An open question that we can't read. */
  isStrange?: boolean;
  resetsAt?: Iso | null;
  failure?: TurnFailure;
  tool?: string;
  overruled?: Overruled;
  /** It will be settled within a moment, so it is not worth a first report. */
  isProvisional?: boolean;
}

/** Without better knowledge, what looks like a prompt is one after it has not changed for this long. */
export const STEADY_MS = 500;
/** A question is answered by keys, so it must be stable for longer. */
const STEADY_QUESTION_MS = 1_000;
/** The terminal may still show the prompt at which something was just accepted. */
export const STALE_MS = 300;
/** A terminal in which aider uses no bracketed paste at all. */
const STEADY_UNBRACKETED_MS = 3_000;
const STRANGE_MS = 2_000;

/**
 * What aider does. Pure. The chat history says when it accepted messages and what happened then. Its notification says that it waits, and
 * only the screen says for what. The model's text on the screen can look like anything, so it counts only if a prompt is really open.
 */
export function weigh(signals: Signals): Verdict {
  const { screen, history } = signals;
  if (screen === null) return withoutScreen(signals);
  const { reading } = screen;
  if (reading.kind === "confirm" && isReal(signals, screen, STEADY_QUESTION_MS)) {
    return {
      ...bySource(signals),
      state: "waiting_input",
      evidence: `it asks: ${oneLine(reading.confirm.question, 100)}`,
    };
  }
  if (reading.kind === "prompt" && (!history.isTurnOpen || isReal(signals, screen, STEADY_MS))) return atRest(signals);
  if (history.isTurnOpen) return busy(signals, screen);
  if (signals.hasPrompted)
    return { ...rest(signals), source: "transcript", evidence: "it took nothing since its prompt" };
  return { state: "active", source: "screen", at: null, evidence: "it starts" };
}

/** Whether what looks like a prompt is one. */
function isReal({ notifiedAt, history, sinceInputMs }: Signals, screen: ScreenSignal, steadyMs: number): boolean {
  if (screen.isPrompting === true) return notifiedAt !== null || sinceInputMs >= STALE_MS;
  if (screen.isPrompting === false) return screen.steadyMs >= STEADY_UNBRACKETED_MS;
  if (screen.steadyMs >= steadyMs) return true;
  return screen.reading.kind === "confirm"
    ? isOnFile(screen.reading, history)
    : notifiedAt !== null || history.isInterrupted;
}

/** The question stands on the screen, and what it is about in the chat history, where the model cannot write while it answers. */
export function isOnFile(reading: Extract<Reading, { kind: "confirm" }>, { subject }: History): boolean {
  const shown = squeeze(reading.above.join(""));
  return shown !== "" && subject !== null && squeeze(subject).endsWith(shown);
}

const squeeze = (text: string): string => text.replace(/\s+/g, "");

function bySource({ notifiedAt, screen }: Signals): Pick<Verdict, "source" | "at"> {
  return notifiedAt === null ? { source: "screen", at: screen?.at ?? null } : { source: "hook", at: notifiedAt };
}

function atRest(signals: Signals): Verdict {
  const told = signals.notifiedAt === null ? "" : ", and its notification command ran";
  return {
    ...rest(signals),
    ...bySource(signals),
    evidence: `its prompt is open${told}${howItEnded(signals.history)}`,
  };
}

/** A vendor's limit that ended the turn holds until its reset, or until something new is taken. One without an end is an error. */
function rest({ history, nowMs, notifiedAt }: Signals): Pick<Verdict, "state" | "at" | "resetsAt" | "failure"> {
  const { refusal } = history;
  if (refusal === null) return { state: "ready", at: notifiedAt };
  const resetsAt = refusal.what === "error" ? null : resetTimeIn(refusal.text, nowMs);
  if (resetsAt === null) return { state: "ready", at: notifiedAt, failure: failureOf(refusal) };
  return { state: "limited", at: notifiedAt, resetsAt };
}

function howItEnded({ refusal, isInterrupted }: History): string {
  if (refusal !== null) return `; the turn ended with an error: ${oneLine(refusal.text, 120)}`;
  return isInterrupted ? "; the turn was interrupted" : "";
}

function busy(signals: Signals, screen: ScreenSignal): Verdict {
  const { history, notifiedAt } = signals;
  const { reading } = screen;
  const isStrange = notifiedAt !== null && reading.kind === "other" && screen.steadyMs >= STRANGE_MS;
  if (isStrange && screen.isPrompting !== false) {
    const evidence = `it told that it waits; its last row says: ${oneLine(reading.line, 100)}`;
    return { state: "waiting_input", source: "hook", at: notifiedAt, evidence, isStrange: true };
  }
  if (history.refusal?.what === "quota") return outOfQuota(history.refusal, signals.nowMs);
  const active: Verdict = { state: "active", source: "transcript", at: null, evidence: doing(history) };
  if (history.running !== null) active.tool = oneLine(history.running, 100);
  if (reading.kind === "other") return active;
  const state = reading.kind === "prompt" ? "ready" : "waiting_input";
  const evidence = `what looks like its ${reading.kind === "prompt" ? "prompt" : "question"} has not settled`;
  const overruled: Overruled = { source: "screen", state, at: screen.at, evidence };
  return { ...active, overruled, isProvisional: screen.isPrompting !== false };
}

/** Aider tries again for a minute, and nothing can come of it: neither during a wait nor between two of them. */
function outOfQuota(refusal: NonNullable<History["refusal"]>, nowMs: number): Verdict {
  const { text } = refusal;
  const evidence = `it tries again, in vain: ${oneLine(text, 120)}`;
  const resetsAt = resetTimeIn(text, nowMs);
  const word = { source: "transcript", at: null, evidence } as const;
  return resetsAt === null
    ? { ...word, state: "active", failure: failureOf(refusal) }
    : { ...word, state: "limited", resetsAt };
}

function doing({ userText, isRetrying, refusal, running }: History): string {
  if (isRetrying) return `it tries again: ${oneLine(refusal?.text ?? "the provider refused", 120)}`;
  if (running !== null) return `it runs ${oneLine(running, 100)}`;
  return `it took: ${oneLine(userText ?? "", 100)}`;
}

/** This runtime shows no screen: what aider waits for stays open. */
function withoutScreen(signals: Signals): Verdict {
  const { history, notifiedAt } = signals;
  if (notifiedAt !== null || history.isInterrupted) {
    return {
      ...rest(signals),
      source: "hook",
      evidence: `it waits for its human; for what is not known here${howItEnded(history)}`,
    };
  }
  if (history.isTurnOpen) return { state: "active", source: "transcript", at: null, evidence: doing(history) };
  return { state: "unknown", source: "none", at: null, evidence: "its screen cannot be seen, or is too small to read" };
}

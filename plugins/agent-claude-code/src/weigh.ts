import { resetTimeIn } from "@agent-orchestrator/agent-kit/reset-time";
import { toIso } from "@agent-orchestrator/core/host/clock";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import { READY_THRESHOLD_MS } from "@agent-orchestrator/core/model/policy";
import { oneLine } from "@agent-orchestrator/core/model/text";
import { isSettled } from "./hooks/asks.ts";
import { isTried } from "./launch/program.ts";
import type { Signals } from "./signals.ts";
import { type Failure, turnFailureIn } from "./transcript/failure.ts";

/** A prompt that was taken makes the program busy within this time. Otherwise it had no effect (for example, a user's hook refused it). */
const PROMPT_HOLDS_MS = 5_000;
/** The program starts idle, and takes its launch's prompt within this time. */
const START_HOLDS_MS = 60_000;
/** The same for an answer. */
const ANSWER_HOLDS_MS = 2_000;
/** Status file, hooks and transcript are not written at the same moment. */
const DOUBT_MS = 3_000;
export const RETRIES = "its screen says that it retries after an API error";

/** What one source claims, before sources are weighed. */
interface Claim {
  state: "active" | "resting" | "asking";
  source: Activity["source"];
  sinceMs: number;
  evidence: string;
}

/** Weighs all signals into one activity. Null if there was no useful signal. Pure. */
export function weigh(signals: Signals, nowMs: number, readyMs = READY_THRESHOLD_MS): Activity | null {
  const claims = claimsOf(signals, nowMs);
  const [best, ...others] = claims;
  if (best === undefined) return null;
  const overruled = others.filter((other) => other.state !== best.state).map(toOverruled);
  const word = wordOf(best, signals, { nowMs, readyMs });
  return overruled.length === 0 ? word : { ...word, overruled };
}

/** All claims that are still valid, the most trusted first. */
function claimsOf(signals: Signals, nowMs: number): Claim[] {
  const status = statusClaim(signals, nowMs);
  const transcript = transcriptClaim(signals);
  const first = [askClaim(signals), dialogClaim(signals), promptClaim(signals, nowMs), startClaim(signals, nowMs)];
  const told = isDoubtful(signals, status, transcript) ? [transcript, status] : [status, transcript];
  return [...first, ...told, screenClaim(signals)].filter((claim) => claim !== null);
}

/** In an untested version, the status file is doubted if later hooks and transcript lines contradict it. */
function isDoubtful({ status, transcript, hooks }: Signals, said: Claim | null, other: Claim | null): boolean {
  if (status === null || said === null || other === null || isTried(status.version)) return false;
  const seenMs = Math.max(ms(transcript.movedAt) ?? 0, hooks.stopMs ?? 0, hooks.promptMs ?? 0);
  return said.state !== "asking" && said.state !== other.state && seenMs > status.sinceMs + DOUBT_MS;
}

/** A hook waits for an answer. It is older than the status file only if somebody answered in the terminal. */
function askClaim(signals: Signals): Claim | null {
  const [ask] = signals.asks;
  if (ask === undefined || isSettled(ask, signals)) return null;
  return { state: "asking", source: "hook", sinceMs: ask.atMs, evidence: `its PermissionRequest hook: ${ask.tool}` };
}

/** The hook arrives some milliseconds before the status file says busy. */
function promptClaim({ hooks, status }: Signals, nowMs: number): Claim | null {
  const { promptMs } = hooks;
  if (promptMs === null || status === null || status.sinceMs >= promptMs) return null;
  if (status.state === "waiting" || nowMs - promptMs > PROMPT_HOLDS_MS) return null;
  if ((hooks.stopMs ?? 0) >= promptMs) return null;
  return { state: "active", source: "hook", sinceMs: promptMs, evidence: "its UserPromptSubmit hook" };
}

/**
 * A launch with a prompt. Being idle is not the end of a turn before it was seen working. It reports idle again between taking the
 * prompt and starting on it.
 */
function startClaim({ status, start, hooks, transcript }: Signals, nowMs: number): Claim | null {
  if (start === null || (status !== null && status.state !== "idle")) return null;
  const sinceMs = Math.min(start.atMs, status?.sinceMs ?? start.atMs);
  if (nowMs - sinceMs > START_HOLDS_MS) return null;
  const takenMs = ms(transcript.promptAt);
  // It was taken before we looked, so we are late, not early.
  if (takenMs !== null && takenMs < start.atMs) return null;
  const ends = [hooks.stopMs, hooks.failure?.atMs, ms(transcript.turnEndedAt), ms(transcript.interruptedAt)];
  if (ends.some((end) => end !== null && end !== undefined)) return null;
  return { state: "active", source: "process", sinceMs: start.atMs, evidence: "it starts with its prompt" };
}

function statusClaim({ status, answeredMs }: Signals, nowMs: number): Claim | null {
  if (status === null) return null;
  const { sinceMs, waitingFor } = status;
  const isAnswered = answeredMs !== null && sinceMs <= answeredMs && nowMs - answeredMs <= ANSWER_HOLDS_MS;
  if (status.state === "waiting" && isAnswered)
    return { state: "active", source: "hook", sinceMs: answeredMs, evidence: "its dialog was answered" };
  const evidence = `its status file says ${status.state}${waitingFor === null ? "" : `: ${waitingFor}`}${isTried(status.version) ? "" : ` (version ${status.version ?? "unknown"}, not tried)`}`;
  switch (status.state) {
    case "busy":
      return { state: "active", source: "protocol", sinceMs, evidence };
    case "idle":
    case "shell":
      return { state: "resting", source: "protocol", sinceMs, evidence };
    case "waiting":
      return { state: "asking", source: "protocol", sinceMs, evidence };
    default:
      // A word from an unknown version. Other sources must decide.
      return null;
  }
}

/** A dialog of the program itself before it works, or in a version whose status file does not show it. */
function dialogClaim({ dialog, screen, status }: Signals): Claim | null {
  if (dialog === null || screen?.shows !== "dialog" || status !== null) return null;
  return { state: "asking", source: "screen", sinceMs: screen.atMs, evidence: "its screen shows a dialog" };
}

/** Hooks and transcript together: the newest end or start of a turn, but never an end while messages wait in its queue. */
function transcriptClaim({ transcript, hooks }: Signals): Claim | null {
  const began = Math.max(hooks.promptMs ?? 0, ms(transcript.promptAt) ?? 0);
  const ends = [
    [hooks.stopMs, "its Stop hook", "hook"],
    [hooks.failure?.atMs ?? null, "its StopFailure hook", "hook"],
    [ms(transcript.turnEndedAt), "its transcript: the turn is over", "transcript"],
    [ms(transcript.interruptedAt), "its transcript: interrupted", "transcript"],
    [ms(transcript.failure?.at ?? null), "its transcript: an API error", "transcript"],
  ] as const;
  let end: Claim | null = null;
  for (const [sinceMs, evidence, source] of ends) {
    if (sinceMs !== null && sinceMs > (end?.sinceMs ?? 0)) end = { state: "resting", source, sinceMs, evidence };
  }
  const moved = ms(transcript.movedAt) ?? 0;
  const isQueued = transcript.queued > 0;
  if (end !== null && end.sinceMs >= began && !isQueued) return end;
  if (began === 0 && moved === 0) {
    const { startedMs } = hooks;
    return startedMs === null ? null : { state: "resting", source: "hook", sinceMs: startedMs, evidence: "it started" };
  }
  const evidence = isQueued ? "its transcript: messages wait in its queue" : "its transcript: a turn runs";
  return { state: "active", source: "transcript", sinceMs: began, evidence };
}

function screenClaim({ screen }: Signals): Claim | null {
  if (screen === null || screen.shows === "nothing" || screen.shows === "dialog") return null;
  const state = screen.shows === "working" ? "active" : "resting";
  return { state, source: "screen", sinceMs: screen.atMs, evidence: `its screen shows ${words[screen.shows]}` };
}
const words = { working: "that it can be interrupted", box: "its input box" };

function wordOf(claim: Claim, signals: Signals, times: { nowMs: number; readyMs: number }): Activity {
  const word = { since: toIso(claim.sinceMs), source: claim.source, evidence: claim.evidence };
  switch (claim.state) {
    case "asking": {
      const { dialog } = signals;
      const [ask] = signals.asks;
      const question = dialog === null ? `${ask?.tool ?? signals.status?.waitingFor ?? "a dialog"}` : dialog.text;
      return { state: "waiting_input", ...word, question: oneLine(question), ...(dialog === null ? {} : { dialog }) };
    }
    case "active": {
      const { open } = signals.transcript;
      const [first, last] = [open[0], open.at(-1)];
      const tool = first && last ? { tool: last.name, ...(first.at === "" ? {} : { toolSince: first.at }) } : {};
      const { retryMs, transcript } = signals;
      // The transcript has a later line, so it has been answered.
      const isRetrying = retryMs !== null && (ms(transcript.movedAt) ?? 0) < retryMs;
      if (isRetrying) word.evidence = `${word.evidence}; ${RETRIES}`;
      return { state: "active", ...word, ...tool };
    }
    case "resting":
      return resting(word, signals, { sinceMs: claim.sinceMs, ...times });
  }
}

type Word = Pick<Activity, "since" | "source" | "evidence">;

interface RestTimes {
  sinceMs: number;
  nowMs: number;
  /** After this long at the prompt it counts as idle. */
  readyMs: number;
}

function resting(word: Word, signals: Signals, { sinceMs, nowMs, readyMs }: RestTimes): Activity {
  const failure = failureNow(signals);
  if (failure?.kind === "limit") {
    const resetsAt = resetTimeIn(failure.text, failure.atMs);
    const isOver = resetsAt !== null && Date.parse(resetsAt) <= nowMs;
    if (!isOver) return { state: "limited", ...word, evidence: oneLine(failure.text), limit: { resetsAt } };
  }
  const notes = [
    failure === null ? null : oneLine(failure.text),
    signals.hooks.background.length === 0 ? null : `left running: ${signals.hooks.background.join(", ")}`,
  ].filter((note) => note !== null);
  const evidence = [word.evidence, ...notes].join("; ");
  const state = nowMs - sinceMs >= readyMs ? "idle" : "ready";
  const failed = failure === null ? null : turnFailureIn(failure);
  return { state, ...word, evidence, ...(failed === null ? {} : { failure: failed }) };
}

/** The error that the last turn ended with. */
function failureNow({ hooks, transcript }: Signals): (Failure & { atMs: number }) | null {
  const begun = Math.max(hooks.promptMs ?? 0, ms(transcript.promptAt) ?? 0);
  const told = transcript.failure === null ? null : { ...transcript.failure, atMs: ms(transcript.failure.at) ?? 0 };
  const failure = hooks.failure ?? told;
  if (failure === null || failure.atMs < begun) return null;
  // A later turn that ended well is over too.
  return (hooks.stopMs ?? 0) > failure.atMs ? null : failure;
}

type Overruled = NonNullable<Activity["overruled"]>[number];

const toOverruled = ({ state, source, sinceMs, evidence }: Claim): Overruled => ({
  source,
  state: state === "active" ? "active" : state === "asking" ? "waiting_input" : "ready",
  at: toIso(sinceMs),
  evidence,
});

/** Null if there is none, or it is not a time. */
function ms(iso: string | null): number | null {
  const value = iso === null ? Number.NaN : Date.parse(iso);
  return Number.isNaN(value) ? null : value;
}

/** In how many milliseconds time alone may change the activity, or null for never. */
export function nextChangeMs(signals: Signals, nowMs: number, readyMs = READY_THRESHOLD_MS): number | null {
  const { hooks, status } = signals;
  const failure = failureNow(signals);
  const resetsAt = failure?.kind === "limit" ? resetTimeIn(failure.text, failure.atMs) : null;
  const moments = [
    hooks.promptMs === null ? null : hooks.promptMs + PROMPT_HOLDS_MS,
    status === null ? null : status.sinceMs + readyMs,
    signals.start === null ? null : signals.start.atMs + START_HOLDS_MS,
    Math.max(hooks.stopMs ?? 0, ms(signals.transcript.turnEndedAt) ?? 0) + readyMs,
    ms(resetsAt),
    signals.answeredMs === null ? null : signals.answeredMs + ANSWER_HOLDS_MS,
  ];
  const next = moments.filter((moment) => moment !== null && moment > nowMs) as number[];
  return next.length === 0 ? null : Math.min(...next) - nowMs + 1;
}

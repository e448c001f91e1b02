import { toIso } from "@agent-orchestrator/core/host/clock";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { TurnFailure, TurnFailureKind } from "@agent-orchestrator/core/model/turn-failure";
import { turnFailure } from "@agent-orchestrator/plugin-kit/turn-failure";
import { type Ask, dialogOf } from "./asks.ts";
import type { ScreenReading } from "./screen/screen.ts";
import { ABORTED, isOfFamily, type Seen, working } from "./server/seen.ts";
import type { Failure, Status } from "./server/wire.ts";

/** Everything known about one OpenCode at one moment. */
export interface Signals {
  now: number;
  /** Null if its server has never responded in this launch. */
  seen: Seen | null;
  server: { isHeard: true } | { isHeard: false; since: number; why: string };
  /** Until when a first prompt is expected, or null if none is. */
  promptDueUntil: number | null;
  /** What its terminal shows. Used only while the server is silent. */
  screen: { reading: ScreenReading; at: number } | null;
}

/** A broken stream is reopened within this time. Until then its last report counts. */
export const SILENCE_MS = 8_000;
/** Its server responds some seconds after the program starts, and later on a busy machine. */
export const START_MS = 45_000;
/** A first prompt that has not arrived this long after the server responded will not arrive. */
export const PROMPT_MS = 90_000;
/** On a busy machine it takes seconds from the message to the turn. After this time there will be none. */
export const TAKEN_MS = 30_000;
/** A tool call is reported once it takes this long. Most are over by then, and each report is written to disk. */
export const TOOL_MS = 5_000;
/** OpenCode itself waits seconds between retries. A wait this long was set by the vendor. */
const LIMIT_WAIT_MS = 120_000;
const LIMIT_REASONS = new Set(["free_tier_limit", "account_rate_limit"]);
/** What a vendor calls a limit. A plain rate limit passes within seconds, and a spent balance lasts until the user adds credit. */
const LIMIT_WORDS = /usage.?limit|limit reached/i;
/** OpenCode never stops retrying. After this many attempts, about a minute, the user should know. */
const MANY_TRIES = 5;
/** Errors that retrying can't fix. */
const NOT_PASSING: ReadonlySet<TurnFailureKind> = new Set(["login", "access", "credit", "model", "size", "request"]);

/** The plugin's overall claim, or null if there is none yet. */
export function weigh(signals: Signals): Activity | null {
  const { server, seen, now, screen } = signals;
  if (server.isHeard || now - server.since < patienceOf(seen)) {
    return seen === null || isAwaitingPrompt(signals) ? null : fromServer(seen, now);
  }
  const isStartPage = screen?.reading.state === "ready" && isAwaitingPrompt(signals);
  if (screen !== null && !isStartPage) return { ...fromScreen(screen, server.why), ...overruled(seen, now) };
  const evidence = oneLine(`its server is not heard: ${server.why}`);
  return { state: "unknown", since: toIso(server.since), source: "none", evidence, ...overruled(seen, now) };
}

/** Between its start and its first prompt the program is idle, but the agent does not count as idle. */
function isAwaitingPrompt({ promptDueUntil, seen, now }: Signals): boolean {
  if (promptDueUntil === null || now >= promptDueUntil) return false;
  return seen === null || (seen.isUntouched && seen.asks.size === 0);
}

/** How long its server may be silent before that means something. */
export const patienceOf = (seen: Seen | null): number => (seen === null ? START_MS : SILENCE_MS);

/** Its own claim, from its event stream. */
function fromServer(seen: Seen, now: number): Activity {
  const open = firstAsk(seen);
  const base = { source: "protocol" as const, thread: seen.root };
  if (open !== null) {
    const dialog = dialogOf(open);
    const since = toIso(now);
    return {
      ...base,
      state: "waiting_input",
      since,
      evidence: `${open.kind}.asked`,
      question: oneLine(dialog.text),
      dialog,
    };
  }
  const busy = working(seen);
  const own = busy.find(([id]) => id === seen.root) ?? busy[0];
  const { unanswered } = seen;
  if (own === undefined && unanswered !== null && now - unanswered.created < TAKEN_MS) {
    return { ...base, state: "active", since: toIso(unanswered.created), evidence: "it took a message" };
  }
  if (own === undefined) return { ...base, ...atRest(seen) };
  const [id, { status, at, triedAfter }] = own;
  if (status.type === "retry") return { ...base, ...retrying(status, at) };
  const before = triedAfter === null ? null : retrying(triedAfter, at);
  if (before?.state === "limited") return { ...base, ...before };
  const failure = before?.failure;
  const whose = id === seen.root ? "" : " of a sub-agent";
  const tool = longTool(seen, now);
  return {
    ...base,
    state: "active",
    since: toIso(at),
    evidence: `session.status ${status.type}${whose}`,
    ...(tool === null ? {} : { tool: tool.name, toolSince: toIso(tool.at) }),
    ...(failure === undefined ? {} : { failure }),
  };
}

/** Open requests that something waits for. A question in an idle conversation is one that an abort left behind. */
function firstAsk(seen: Seen): Ask | null {
  const open = [...seen.asks.values()].filter(
    ({ request }) => isOfFamily(seen, request.sessionID) && seen.statuses.has(request.sessionID),
  );
  return open.sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1))[0] ?? null;
}

/** Behind their kind, ids increase with time. */
const timeOf = ({ request }: Ask): string => request.id.replace(/^[a-z]+_/, "");

/** The tool call that has been running for long, and when the next one will have. */
function longTool(seen: Seen, now: number): { name: string; at: number } | null {
  return [...seen.tools.values()].filter(({ at }) => now - at >= TOOL_MS).sort((a, b) => a.at - b.at)[0] ?? null;
}

type Word = Pick<Activity, "state" | "since" | "evidence" | "limit" | "failure">;

function retrying(status: Status, at: number): Word {
  const { message = "", next = at, action, attempt = 0 } = status;
  const isLong = next - at >= LIMIT_WAIT_MS;
  // Leave the number of the attempt out, because each report is written to disk.
  const evidence = oneLine(`session.status retry: ${message}`);
  if (isLong || LIMIT_REASONS.has(action?.reason ?? "") || LIMIT_WORDS.test(message)) {
    return { state: "limited", since: toIso(at), evidence, limit: { resetsAt: isLong ? toIso(next) : null } };
  }
  const failure = turnFailure({ text: message });
  const isVain = attempt >= MANY_TRIES || NOT_PASSING.has(failure.kind);
  return { state: "active", since: toIso(at), evidence, ...(isVain ? { failure } : {}) };
}

function atRest(seen: Seen): Word {
  const since = toIso(seen.restedAt);
  if (seen.failure === null) return { state: "ready", since, evidence: "session.status idle" };
  const { failure, at } = seen.failure;
  if (failure.name === ABORTED) return { state: "ready", since, evidence: "the turn was interrupted" };
  const evidence = oneLine(`the turn ended with ${failure.name}: ${failure.data?.message ?? ""}`);
  const resetsAt = resetOf(failure, at);
  if (isLimit(failure, { resetsAt, at })) return { state: "limited", since, evidence, limit: { resetsAt } };
  return { state: "ready", since, evidence, failure: turnFailureOf(failure) };
}

function isLimit({ data }: Failure, { resetsAt, at }: { resetsAt: string | null; at: number }): boolean {
  if (data?.statusCode !== undefined && data.statusCode !== 429) return false;
  const isLong = resetsAt !== null && Date.parse(resetsAt) - at >= LIMIT_WAIT_MS;
  return isLong || LIMIT_WORDS.test(data?.message ?? "");
}

/** Judges by OpenCode's own error names, then by the vendor's status and text. */
const NAMES: Readonly<Record<string, TurnFailureKind>> = {
  ProviderAuthError: "login",
  ContextOverflowError: "size",
  ProviderModelNotFoundError: "model",
};

function turnFailureOf({ name, data }: Failure): TurnFailure {
  const { statusCode = null } = data ?? {};
  // Some come with their stack.
  const message = (data?.message ?? "").split(/\n\s+at /)[0] ?? "";
  return turnFailure({ text: message === "" ? name : message, status: statusCode, kind: NAMES[name] ?? null });
}

function resetOf({ data }: Failure, at: number): string | null {
  const seconds = Number.parseFloat(data?.responseHeaders?.["retry-after"] ?? "");
  return Number.isFinite(seconds) && seconds > 0 ? toIso(at + seconds * 1000) : null;
}

function fromScreen({ reading, at }: NonNullable<Signals["screen"]>, why: string): Activity {
  const evidence = oneLine(`${reading.evidence} (its server is not heard: ${why})`);
  const base = { source: "screen" as const, since: toIso(at), evidence };
  if (reading.state !== "waiting_input") return { ...base, state: reading.state };
  const text = reading.question ?? "OpenCode asks something";
  return {
    ...base,
    state: "waiting_input",
    question: text,
    dialog: {
      id: `screen-${text}`,
      kind: "notice",
      text,
      choices: [],
      takesText: false,
      onlyInTerminal: "OpenCode's server is not responding",
    },
  };
}

/** The server's last report, which no longer counts. */
function overruled(seen: Seen | null, now: number): Pick<Activity, "overruled"> {
  if (seen === null) return {};
  const { state, since, evidence } = fromServer(seen, now);
  return { overruled: [{ source: "protocol", state, at: since, evidence: `${evidence}, before it fell silent` }] };
}

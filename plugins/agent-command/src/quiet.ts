import { alarm } from "@agent-orchestrator/agent-kit/alarm";
import { toIso } from "@agent-orchestrator/core/host/clock";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { AgentFact, AgentObservation } from "@agent-orchestrator/core/slots/agent";
import type { Clock, Session } from "@agent-orchestrator/core/slots/common";
import { openReflog, type Reflog } from "@agent-orchestrator/plugin-kit/git/reflog";

/** What a user types is echoed as output, so output this soon after a key does not count as the agent's. */
const ECHO_MS = 1_000;

interface Watched {
  quietMs: number;
  readyThresholdMs(): number;
  /** The process decides: the turn runs as long as it does. */
  isPerTurn: boolean;
  emit: (fact: AgentFact) => void;
  /** The rows of its screen. Null if it has none. */
  screen: () => Promise<readonly string[] | null>;
  reflog: Reflog | null;
  activity: Activity | null;
  movedAt: number;
  movedWall: number;
  /** Monotonic time at which its state may change by itself. */
  dueAt: number;
  echoUntil: number;
}

export interface WatchRequest {
  session: Session;
  quietMs: number;
  readyThresholdMs(): number;
  isPerTurn: boolean;
  onFact: (fact: AgentFact) => void;
  screen?: Watched["screen"];
}

export interface QuietWatch {
  observe(request: WatchRequest): AgentObservation;
}

/** Derives activity from output and commits. One timer serves all sessions, and none runs while all are idle. */
export function quietWatch(clock: Clock): QuietWatch {
  const watched = new Map<string, Watched>();
  const timer = alarm(clock, new AbortController().signal, () => {
    for (const entry of watched.values()) settle(entry, clock);
    arm();
  });

  function arm(): void {
    let due = Number.POSITIVE_INFINITY;
    for (const { dueAt } of watched.values()) due = Math.min(due, dueAt);
    if (due === Number.POSITIVE_INFINITY) timer.set(null);
    else timer.atLatest(due - clock.monotonic());
  }

  /** After a change of this one. An alarm that is set finds a later due time when it rings. */
  function armFor(entry: Watched): void {
    if (entry.dueAt !== Number.POSITIVE_INFINITY) timer.atLatest(entry.dueAt - clock.monotonic());
  }

  return {
    observe(request) {
      const entry = begin(request, clock, () => {
        if (entry.reflog?.hasMoved()) move(entry, clock, "a commit");
        armFor(entry);
      });
      watched.set(request.session.id, entry);
      armFor(entry);
      return {
        hint: (fact) => {
          hint(entry, clock, fact.kind);
          armFor(entry);
        },
        async stop() {
          entry.reflog?.close();
          if (watched.get(request.session.id) === entry) watched.delete(request.session.id);
          arm();
        },
      };
    },
  };
}

function begin(request: WatchRequest, clock: Clock, onCommit: () => void): Watched {
  const { session, quietMs, readyThresholdMs, isPerTurn, onFact, screen = async () => null } = request;
  const known = session.activity;
  const entry: Watched = {
    quietMs,
    readyThresholdMs,
    isPerTurn,
    emit: onFact,
    screen,
    reflog: session.workspacePath === null ? null : openReflog(session.workspacePath, onCommit),
    // After a restart, what was silent stays silent since then, until something happens.
    activity: known?.source === "output" && known.state !== "exited" ? known : null,
    movedAt: clock.monotonic(),
    movedWall: clock.now(),
    dueAt: 0,
    echoUntil: 0,
  };
  entry.dueAt = nextDue(entry);
  if (isPerTurn && entry.activity?.state !== "active") {
    tell(entry, { state: "active", since: toIso(entry.movedWall), evidence: "its process runs" });
  }
  return entry;
}

function hint(entry: Watched, clock: Clock, kind: "output" | "ready" | "human-input"): void {
  if (kind === "human-input") entry.echoUntil = clock.monotonic() + ECHO_MS;
  if (kind !== "output" || clock.monotonic() < entry.echoUntil) return;
  move(entry, clock, "output");
}

function move(entry: Watched, clock: Clock, what: "output" | "a commit"): void {
  entry.movedAt = clock.monotonic();
  entry.movedWall = clock.now();
  entry.dueAt = nextDue(entry);
  if (what === "a commit") entry.emit({ kind: "progress", at: toIso(entry.movedWall), what });
  if (entry.activity?.state !== "active") {
    tell(entry, { state: "active", since: toIso(entry.movedWall), evidence: `saw ${what}` });
  }
}

function nextDue(entry: Watched): number {
  if (entry.isPerTurn || entry.activity?.state === "idle") return Number.POSITIVE_INFINITY;
  return entry.movedAt + (entry.activity?.state === "ready" ? entry.readyThresholdMs() : entry.quietMs);
}

function settle(entry: Watched, clock: Clock): void {
  if (clock.monotonic() < entry.dueAt) return;
  // The user may have changed the threshold since.
  entry.dueAt = nextDue(entry);
  if (clock.monotonic() < entry.dueAt) return;
  if (entry.reflog?.hasMoved()) {
    move(entry, clock, "a commit");
    return;
  }
  const seconds = Math.round((clock.monotonic() - entry.movedAt) / 100) / 10;
  const evidence = `no output and no commit for ${seconds} s`;
  if (entry.activity?.state === "ready") {
    const { since, guess } = entry.activity;
    tell(entry, { state: "idle", since, evidence, ...(guess === undefined ? {} : { guess }) });
    return;
  }
  const wasActive = entry.activity?.state === "active";
  // Count from when it became known, not from the last output, because what started in between belongs to this turn.
  const since = toIso(clock.now());
  tell(entry, { state: "ready", since, evidence });
  if (wasActive) entry.emit({ kind: "turn-ended", at: since });
  void guessFailure(entry);
}

/** Adds what the end of its screen looks like, unless something has happened since. */
async function guessFailure(entry: Watched): Promise<void> {
  const before = entry.activity;
  const rows = await entry.screen().catch(() => null); // the program has just ended
  const guess = rows === null ? null : failureLine(rows);
  if (guess === null || before === null || entry.activity !== before) return;
  tell(entry, { ...before, guess });
}

function tell(entry: Watched, what: Pick<Activity, "state" | "since" | "evidence" | "guess">): void {
  entry.activity = { ...what, source: "output" };
  entry.dueAt = nextDue(entry);
  entry.emit({ kind: "activity", activity: entry.activity });
}

/** Below it, a program may still draw a prompt or a status line. */
const LAST_ROWS = 5;
const MAX_CHARS = 160;

/** A line that begins with what programs call a failure, or has the words of a refused request. */
const FAILURE =
  /^\W*(?:error|fatal|failed|failure|panic|exception|traceback|unhandled|uncaught|abort(?:ed|ing)?)\b|\b(?:\w*error|exception):\s|\b(?:HTTP|status|error|code)\W{0,3}(?:code\W{0,2})?[45]\d\d\b|\b[45]\d\d\b.{0,20}\b(?:unauthori[sz]ed|forbidden|not found|too many requests|error|unavailable|bad gateway|payment required)\b|\b(?:invalid|missing|incorrect|expired|no)\b.{0,20}\b(?:api[ _-]?key|token|credentials?)\b|\b(?:unauthori[sz]ed|permission denied|access denied|rate limit(?:ed)?|quota exceeded|insufficient (?:credits?|quota|funds|balance)|command not found|connection refused|not logged in|authentication (?:failed|required))\b/i;
/** Numbers of a report on tests or builds. */
const COUNT = /\b(?:0|no)\s+(?:errors?|failures?|failed)\b|\b(?:errors?|failures?|failed)\W{1,3}0\b/i;

/** The last of the last lines on a screen that reads like a failure. Null if none does. A guess: it may be quoted, or dealt with. */
export function failureLine(rows: readonly string[]): string | null {
  const last = rows.filter((row) => row.trim() !== "").slice(-LAST_ROWS);
  const found = last.findLast((row) => FAILURE.test(row) && !COUNT.test(row));
  return found === undefined ? null : oneLine(found, MAX_CHARS);
}

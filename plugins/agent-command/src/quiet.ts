import { toIso } from "@agent-orchestrator/core/host/clock";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import type { AgentFact, AgentObservation } from "@agent-orchestrator/core/slots/agent";
import type { Clock, Session } from "@agent-orchestrator/core/slots/common";
import { openReflog, type Reflog } from "@agent-orchestrator/plugin-kit/git/reflog";
import { failureLine } from "./failure-line.ts";

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
  let timer: { due: number; abort: AbortController } | null = null;

  function arm(): void {
    const due = Math.min(...[...watched.values()].map(nextDue));
    if (due === Number.POSITIVE_INFINITY) {
      timer?.abort.abort();
      timer = null;
      return;
    }
    // The current timer finds a later due time when it rings, so output does not touch it.
    if (timer !== null && timer.due <= due) return;
    timer?.abort.abort();
    const abort = new AbortController();
    timer = { due, abort };
    clock.sleep(Math.max(0, due - clock.monotonic()), abort.signal).then(
      () => ring(abort),
      () => undefined, // Aborted by a newer timer.
    );
  }

  function ring(abort: AbortController): void {
    if (timer?.abort !== abort) return;
    timer = null;
    for (const entry of watched.values()) settle(entry, clock);
    arm();
  }

  return {
    observe(request) {
      const entry = begin(request, clock, () => {
        if (entry.reflog?.hasMoved()) move(entry, clock, "a commit");
        arm();
      });
      watched.set(request.session.id, entry);
      arm();
      return {
        hint: (fact) => {
          hint(entry, clock, fact.kind);
          arm();
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
    echoUntil: 0,
  };
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
  if (what === "a commit") entry.emit({ kind: "progress", at: toIso(entry.movedWall), what });
  if (entry.activity?.state !== "active") {
    tell(entry, { state: "active", since: toIso(entry.movedWall), evidence: `saw ${what}` });
  }
}

/** Monotonic time at which this session's state may change by itself. */
function nextDue(entry: Watched): number {
  if (entry.isPerTurn || entry.activity?.state === "idle") return Number.POSITIVE_INFINITY;
  return entry.movedAt + (entry.activity?.state === "ready" ? entry.readyThresholdMs() : entry.quietMs);
}

function settle(entry: Watched, clock: Clock): void {
  if (clock.monotonic() < nextDue(entry)) return;
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
  entry.emit({ kind: "activity", activity: entry.activity });
}

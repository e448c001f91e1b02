import { createTeller, PACE_MS, type Teller as Pen } from "@agent-orchestrator/agent-kit/teller";
import { toIso } from "@agent-orchestrator/core/host/clock";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import type { UsageReport } from "@agent-orchestrator/core/model/usage";
import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { RETRIES } from "./weigh.ts";

/** A question's text and choices arrive after the news of it, and late on a busy machine. */
const WHOLE_MS = 1_000;
const AT_REST: ReadonlySet<string> = new Set(["ready", "idle", "limited", "blocked"]);

/** Reports only news, and what changes constantly only now and then. */
export class Teller {
  readonly #emit: (fact: AgentFact) => void;
  readonly #clock: Clock;
  readonly #pen: Pen;
  #activityAt = Number.NEGATIVE_INFINITY;
  #halfAt: number | null = null;
  #turnEndMs: number;

  /** `known`: what core already knows about this very launch. */
  constructor(options: { emit: (fact: AgentFact) => void; clock: Clock; known: Activity | null }) {
    this.#emit = options.emit;
    this.#clock = options.clock;
    this.#pen = createTeller({ ...options, wordOf });
    this.#turnEndMs = options.known === null ? 0 : Date.parse(options.known.since);
  }

  /** `begunMs`: when the last turn started, as far as that was seen. */
  activityIs(activity: Activity, begunMs: number): void {
    if (this.#isHalf(activity)) return;
    const before = this.#pen.activity;
    const now = this.#clock.monotonic();
    // Another tool alone is news only now and then.
    if (before?.tool !== activity.tool && now - this.#activityAt >= PACE_MS) this.#pen.forgetActivity();
    if (this.#pen.activityIs(activity)) this.#activityAt = now;
    this.#endTurn(activity, begunMs, before);
  }

  /** When something that is held back must be reported (a question whose text is unknown, sums), or null. */
  get heldForMs(): number | null {
    const halfMs = this.#halfAt === null ? null : this.#halfAt + WHOLE_MS - this.#clock.monotonic();
    return halfMs ?? this.#pen.heldForMs;
  }

  #isHalf({ state, dialog }: Activity): boolean {
    const now = this.#clock.monotonic();
    if (state !== "waiting_input" || dialog !== undefined) this.#halfAt = null;
    else this.#halfAt ??= now;
    if (this.#halfAt !== null && now - this.#halfAt < WHOLE_MS) return true;
    this.#halfAt = null;
    return false;
  }

  /** Reports the end of a turn once, even if it started and ended between two looks. */
  #endTurn(activity: Activity, begunMs: number, before: Activity | null): void {
    const sinceMs = Date.parse(activity.since);
    if (!AT_REST.has(activity.state) || sinceMs <= this.#turnEndMs) return;
    const hadTurn = before?.state === "active" || before?.state === "waiting_input" || begunMs > this.#turnEndMs;
    if (!hadTurn || begunMs > sinceMs) return;
    this.#turnEndMs = sinceMs;
    this.#emit({ kind: "turn-ended", at: activity.since });
  }

  /** A turn ended although we only saw work: the next had started before we looked. */
  turnEndedWithin(atMs: number): void {
    const { state, since } = this.#pen.activity ?? {};
    if (state !== "active" || since === undefined || atMs <= this.#turnEndMs || atMs < Date.parse(since)) return;
    this.#turnEndMs = atMs;
    this.#pen.forgetActivity();
    this.#emit({ kind: "turn-ended", at: toIso(atMs) });
  }

  usageIs(usage: UsageReport | null, isResting: boolean): void {
    if (usage !== null) this.#pen.usage(usage);
    if (isResting) this.#pen.flush();
  }

  infoIs(agentSessionId: string, summary: string | null): void {
    this.#pen.info(summary === null ? { agentSessionId } : { agentSessionId, summary });
  }

  progressed(what: string): void {
    this.#pen.progress(what);
  }
}

/** What makes a report different. Time and overruled signals alone do not, nor which source says that it works. */
function wordOf(activity: Activity): unknown {
  if (activity.state === "active") return activity.evidence.includes(RETRIES) ? "trying again" : "active";
  const { state, source, evidence, question, dialog, limit } = activity;
  return [state, source, evidence, question, dialog, limit];
}

import { toIso } from "@agent-orchestrator/core/host/clock";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import type { UsageReport } from "@agent-orchestrator/core/model/usage";
import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { RETRIES } from "./merge.ts";
import { hasGrownMuch } from "./usage.ts";

/** Each fact is written to disk, so ongoing progress is reported this seldom. */
const GRAIN_MS = 5_000;
/** Sums that grow all the time. */
const SUM_GRAIN_MS = 15_000;
const REST_GRAIN_MS = 1_000;
/** A question's text and choices arrive after the news of it, and late on a busy machine. */
const WHOLE_MS = 1_000;
const AT_REST: ReadonlySet<string> = new Set(["ready", "idle", "limited", "blocked"]);

/** Reports only news, and what changes constantly only now and then. */
export class Teller {
  readonly #emit: (fact: AgentFact) => void;
  readonly #clock: Clock;
  #activity: Activity | null;
  #activityAt = Number.NEGATIVE_INFINITY;
  #usage: UsageReport | null = null;
  #usageHeldMs: number | null = null;
  #usageAt = Number.NEGATIVE_INFINITY;
  #progressAt = Number.NEGATIVE_INFINITY;
  #conversation: string | null = null;
  #summary: string | null = null;
  #halfAt: number | null = null;
  #turnEndMs: number;

  /** `known`: what core already knows about this very launch. */
  constructor(options: { emit: (fact: AgentFact) => void; clock: Clock; known: Activity | null }) {
    this.#emit = options.emit;
    this.#clock = options.clock;
    this.#activity = options.known;
    this.#turnEndMs = options.known === null ? 0 : Date.parse(options.known.since);
  }

  get activity(): Activity | null {
    return this.#activity;
  }

  /** `begunMs`: when the last turn started, as far as that was seen. */
  activityIs(activity: Activity, begunMs: number): void {
    if (this.#isHalf(activity)) return;
    const before = this.#activity;
    const now = this.#clock.monotonic();
    const isSameWord = before !== null && wordOf(before) === wordOf(activity);
    const isTold = isSameWord && (before.tool === activity.tool || now - this.#activityAt < GRAIN_MS);
    if (!isTold) {
      this.#activity = activity;
      this.#activityAt = now;
      this.#emit({ kind: "activity", activity });
    }
    this.#endTurn(activity, begunMs, before);
  }

  /** When something that is held back must be reported (a question whose text is unknown, sums), or null. */
  get heldForMs(): number | null {
    const halfMs = this.#halfAt === null ? null : this.#halfAt + WHOLE_MS - this.#clock.monotonic();
    return halfMs ?? this.#usageHeldMs;
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
    const { state, since } = this.#activity ?? {};
    if (state !== "active" || since === undefined || atMs <= this.#turnEndMs || atMs < Date.parse(since)) return;
    this.#turnEndMs = atMs;
    this.#activity = null;
    this.#emit({ kind: "turn-ended", at: toIso(atMs) });
  }

  /** Limits depend on it, so large growth is reported at once. */
  usageIs(usage: UsageReport | null, isResting: boolean): void {
    const now = this.#clock.monotonic();
    const isSoon = isResting || hasGrownMuch(this.#usage, usage);
    const dueMs = this.#usageAt + (isSoon ? REST_GRAIN_MS : SUM_GRAIN_MS) - now;
    this.#usageHeldMs = dueMs > 0 ? dueMs : null;
    if (dueMs > 0 || usage === null || JSON.stringify(usage) === JSON.stringify(this.#usage)) return;
    this.#usage = usage;
    this.#usageAt = now;
    this.#emit({ kind: "usage", usage });
  }

  infoIs(agentSessionId: string, summary: string | null): void {
    if (agentSessionId === this.#conversation && summary === this.#summary) return;
    this.#conversation = agentSessionId;
    this.#summary = summary;
    this.#emit({ kind: "info", info: summary === null ? { agentSessionId } : { agentSessionId, summary } });
  }

  progressed(what: string): void {
    const now = this.#clock.monotonic();
    if (now - this.#progressAt < GRAIN_MS) return;
    this.#progressAt = now;
    this.#emit({ kind: "progress", at: toIso(this.#clock.now()), what });
  }
}

/** What makes a report different. Time and overruled signals alone do not, nor which source says that it works. */
function wordOf(activity: Activity): string {
  if (activity.state === "active") return activity.evidence.includes(RETRIES) ? "trying again" : "active";
  const { state, source, evidence, question, dialog, limit } = activity;
  return JSON.stringify([state, source, evidence, question, dialog, limit]);
}

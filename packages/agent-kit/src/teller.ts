import { toIso } from "@agent-orchestrator/core/host/clock";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import type { UsageReport } from "@agent-orchestrator/core/model/usage";
import type { AgentFact, AgentSessionInfo } from "@agent-orchestrator/core/slots/agent";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { hasGrownMuch } from "./tokens.ts";

/** Each fact is written to disk, so what only moves on is reported this seldom. */
export const PACE_MS = 5_000;
/** The same for sums of tokens, which grow all the time. */
const SUM_PACE_MS = 10_000;

export interface TellerOptions {
  clock: Clock;
  emit(fact: AgentFact): void;
  /** What makes an activity another one. Time alone does not. Default: everything but `since`. */
  wordOf?(activity: Activity): unknown;
  /** What core already knows about this very launch. */
  known?: Activity | null;
}

/** Reports what is new once, and what changes all the time only now and then. */
export interface Teller {
  /** What was reported last. */
  readonly activity: Activity | null;
  /** Reports it if it is another one. True if it did. */
  activityIs(activity: Activity): boolean;
  /** The next activity is reported, even if it is the same. */
  forgetActivity(): void;
  /** At most every five seconds. */
  progress(what: string): void;
  /** Whether a progress would be reported now. */
  isProgressDue(): boolean;
  /** At once if it has grown much, else ten seconds after the last one, with the next call. Of each key, only what is new. */
  usage(report: UsageReport): void;
  /** Reports the sums that are held back. For the end of a turn. */
  flush(): void;
  /** In how many milliseconds a sum that is held back is due, or null if none is. */
  readonly heldForMs: number | null;
  info(info: Partial<AgentSessionInfo>): void;
}

/** A teller for one session and launch. Its times are those of `clock`. It starts no timers: who needs what is held in time sets an alarm by `heldForMs`. */
export function createTeller({ clock, emit, known = null, wordOf = withoutTime }: TellerOptions): Teller {
  let activity = known;
  let word = known === null ? null : JSON.stringify(wordOf(known));
  let progressAt = Number.NEGATIVE_INFINITY;
  let flushedAt = Number.NEGATIVE_INFINITY;
  const held = new Map<string, UsageReport>();
  const told = new Map<string, UsageReport>();
  let toldInfo = "";

  const isProgressDue = (): boolean => clock.monotonic() - progressAt >= PACE_MS;

  function flush(): void {
    if (held.size > 0) flushedAt = clock.monotonic();
    for (const [key, usage] of held) {
      if (JSON.stringify(usage) !== JSON.stringify(told.get(key))) emit({ kind: "usage", usage });
      told.set(key, usage);
    }
    held.clear();
  }

  return {
    get activity() {
      return activity;
    },
    activityIs(next) {
      const nextWord = JSON.stringify(wordOf(next));
      if (activity !== null && nextWord === word) return false;
      word = nextWord;
      activity = next;
      emit({ kind: "activity", activity: next });
      return true;
    },
    forgetActivity() {
      activity = null;
    },
    isProgressDue,
    progress(what) {
      if (!isProgressDue()) return;
      progressAt = clock.monotonic();
      emit({ kind: "progress", at: toIso(clock.now()), what });
    },
    usage(report) {
      held.set(report.key, report);
      const isDue = clock.monotonic() - flushedAt >= SUM_PACE_MS;
      if (isDue || hasGrownMuch(told.get(report.key) ?? null, report)) flush();
    },
    flush,
    get heldForMs() {
      return held.size === 0 ? null : Math.max(0, flushedAt + SUM_PACE_MS - clock.monotonic());
    },
    info(info) {
      const text = JSON.stringify(info);
      if (text !== toldInfo) emit({ kind: "info", info });
      toldInfo = text;
    },
  };
}

const withoutTime = ({ since: _, ...word }: Activity): unknown => word;

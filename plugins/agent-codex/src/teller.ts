import { toIso } from "@agent-orchestrator/core/host/clock";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import type { UsageReport } from "@agent-orchestrator/core/model/usage";
import type { AgentFact, AgentSessionInfo } from "@agent-orchestrator/core/slots/agent";
import type { Clock } from "@agent-orchestrator/core/slots/common";

/** Each fact is a commit, so mere progress is reported at most this often. */
const PROGRESS_MS = 5_000;
const USAGE_MS = 10_000;
/** Tokens are told at once when they grew by this many and this part: a limit on them must be found out in time. */
const GREW_TOKENS = 2_000;
const GREW_PART = 0.05;
/** A status and the request that explains it arrive as two messages, and are reported as one. */
const SETTLE_MS = 25;

/** Turns what a session's link knows into facts, each only if it is new. */
export interface Teller {
  /** The activity may have changed. */
  soon(): void;
  tell(fact: AgentFact): void;
  progress(what: string): void;
  usage(report: UsageReport): void;
  info(info: Partial<AgentSessionInfo>): void;
  readonly activity: Activity | null;
  stop(): void;
}

export function createTeller(clock: Clock, weighed: () => Activity | null, onFact: (fact: AgentFact) => void): Teller {
  const stopping = new AbortController();
  const ledger = createLedger(clock, onFact);
  let isDue = false;
  let activity: Activity | null = null;
  let progressAt = Number.NEGATIVE_INFINITY;

  function look(): void {
    const next = weighed();
    if (next === null || sameWord(next, activity)) return;
    activity = next;
    onFact({ kind: "activity", activity: next });
  }

  return {
    soon() {
      if (isDue) return;
      isDue = true;
      clock.sleep(SETTLE_MS, stopping.signal).then(
        () => {
          isDue = false;
          look();
        },
        () => undefined, // Nobody listens any more.
      );
    },
    tell(fact) {
      if (fact.kind !== "turn-ended") {
        onFact(fact);
        return;
      }
      ledger.flush();
      look();
      onFact(fact);
      // The end implies that the agent is idle, so work that continues must be reported again.
      if (activity?.state === "active") activity = null;
    },
    progress(what) {
      const now = clock.monotonic();
      if (now - progressAt < PROGRESS_MS) return;
      progressAt = now;
      onFact({ kind: "progress", at: toIso(clock.now()), what });
    },
    usage: ledger.add,
    info: (info) => ledger.tellNew("info", { kind: "info", info }),
    get activity() {
      return activity;
    },
    stop: () => stopping.abort(),
  };
}

/** Reports what has changed, and tokens no more often than they are worth a commit. */
function createLedger(clock: Clock, onFact: (fact: AgentFact) => void) {
  const waiting = new Map<string, UsageReport>();
  const told = new Map<string, string>();
  const toldTokens = new Map<string, number>();
  let flushedAt = Number.NEGATIVE_INFINITY;

  function tellNew(key: string, fact: AgentFact): void {
    const text = JSON.stringify(fact);
    if (told.get(key) === text) return;
    told.set(key, text);
    onFact(fact);
  }

  function flush(): void {
    flushedAt = clock.monotonic();
    for (const [key, usage] of waiting) {
      toldTokens.set(key, tokensOf(usage));
      tellNew(`usage ${key}`, { kind: "usage", usage });
    }
    waiting.clear();
  }

  return {
    tellNew,
    flush,
    add(report: UsageReport): void {
      waiting.set(report.key, report);
      const known = toldTokens.get(report.key) ?? 0;
      const isMuch = tokensOf(report) - known >= Math.max(GREW_TOKENS, known * GREW_PART);
      if (isMuch || clock.monotonic() - flushedAt >= USAGE_MS) flush();
    },
  };
}

const tokensOf = ({ models }: UsageReport): number =>
  models.reduce((sum, { tokens }) => sum + tokens.input + tokens.output + tokens.cacheRead + tokens.cacheWrite, 0);

/** Whether it contains nothing new. */
function sameWord(next: Activity, known: Activity | null): boolean {
  if (known === null) return false;
  const word = ({ state, source, question, dialog, limit, tool, thread, evidence, overruled, failure }: Activity) =>
    JSON.stringify([
      state,
      source,
      question,
      dialog?.id,
      limit,
      tool,
      thread,
      evidence,
      failure?.text,
      overruled?.map((each) => each.state),
    ]);
  return word(next) === word(known);
}

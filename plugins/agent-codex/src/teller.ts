import { alarm } from "@agent-orchestrator/agent-kit/alarm";
import { createTeller as createPen } from "@agent-orchestrator/agent-kit/teller";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import type { UsageReport } from "@agent-orchestrator/core/model/usage";
import type { AgentFact, AgentSessionInfo } from "@agent-orchestrator/core/slots/agent";
import type { Clock } from "@agent-orchestrator/core/slots/common";

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

export function createTeller(clock: Clock, weighed: () => Activity | null, emit: (fact: AgentFact) => void): Teller {
  const stopping = new AbortController();
  const pen = createPen({ clock, emit, wordOf });
  const settled = alarm(clock, stopping.signal, look);

  function look(): void {
    const next = weighed();
    if (next !== null) pen.activityIs(next);
  }

  return {
    soon: () => settled.atLatest(SETTLE_MS),
    tell(fact) {
      if (fact.kind !== "turn-ended") {
        emit(fact);
        return;
      }
      pen.flush();
      look();
      emit(fact);
      // The end implies that the agent is idle, so work that continues must be reported again.
      if (pen.activity?.state === "active") pen.forgetActivity();
    },
    progress: pen.progress,
    usage: pen.usage,
    info: pen.info,
    get activity() {
      return pen.activity;
    },
    stop: () => stopping.abort(),
  };
}

function wordOf(activity: Activity): unknown {
  const { state, source, question, dialog, limit, tool, thread, evidence, overruled, failure } = activity;
  const others = overruled?.map((each) => each.state);
  return [state, source, question, dialog?.id, limit, tool, thread, evidence, failure?.text, others];
}

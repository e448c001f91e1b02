import type { LookPace } from "../host/look-pace.ts";
import { toAoError } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import type { Agent, AgentFact, AgentObservation } from "../slots/agent.ts";
import type { AgentTerminal } from "../slots/agent-terminal.ts";
import type { Clock, Log, RuntimeHandle, Session } from "../slots/common.ts";
import type { Runtime, RuntimeFact } from "../slots/runtime.ts";
import type { Workspace } from "../slots/workspace.ts";
import { watchByAsking } from "./asked-agent.ts";
import { atMostEvery, outputProgress } from "./output-progress.ts";
import { exitFact } from "./process.ts";

export interface LaunchWatch {
  /** The runtime pushes what it sees, so asking is only a second check. */
  isPushed: boolean;
  stop(): Promise<void>;
}

interface WatchCall {
  session: Session;
  handle: RuntimeHandle;
  runtime: Runtime;
  agent: Agent;
  terminal: AgentTerminal;
  workspace: Workspace;
  log: Log;
  /** Silence for this long in a turn is told to the user. */
  stuckAfterMs: number;
  /** The user's. It may change while this runs. */
  readyThresholdMs(): number;
  clock: Clock;
  /** Of checkouts whose HEAD keeps moving. */
  pace: LookPace;
  /** The head that was seen last. A daemon that was down has missed what came after it. */
  headSha: string | null;
  tell(facts: ToldFact[]): void;
}

/** Turns what runtime and agent push about one launch into facts. */
export async function watchLaunch(call: WatchCall): Promise<LaunchWatch> {
  const { session, runtime, agent, tell } = call;
  const onOutput = outputProgress({
    isAnimated: agent.isAnimated === true,
    everyMs: Math.min(OUTPUT_GRAIN_MS, call.stuckAfterMs / LOOKS_UNTIL_STUCK),
    rows: async () => (await call.terminal.screen())?.rows ?? null,
    tell: () => tell([{ kind: "output", launch: session.launch }]),
  });
  const isProgressDue = atMostEvery(PROGRESS_GRAIN_MS);
  const onAgent = (fact: AgentFact) => {
    if (fact.kind !== "progress" || isProgressDue(fact.at)) tell(fromAgent(fact, session.launch));
  };
  const observation = await observeAgent(call, onAgent);
  const onFact = (fact: RuntimeFact) => {
    hintAgent(observation, fact);
    if (fact.kind === "output") onOutput(fact.at);
    else tell(fromRuntime(fact, session.launch));
  };
  const watch = await runtime.watch?.(call.handle, onFact).catch(async (error: unknown) => {
    // Both or none, because another attempt would hear the agent twice.
    await observation.stop();
    throw error;
  });
  // Not awaited, because a commit is seen at the end of the turn anyway.
  const commits = watchCommits(call);
  return {
    isPushed: watch !== undefined,
    async stop() {
      await watch?.stop();
      await observation.stop();
      void commits.then((opened) => opened?.stop());
    },
  };
}

async function observeAgent(call: WatchCall, onFact: (fact: AgentFact) => void): Promise<AgentObservation> {
  const { agent, session, terminal, readyThresholdMs } = call;
  if (agent.observe === undefined) return watchByAsking({ ...call, onFact });
  return agent.observe(session, onFact, { terminal, readyThresholdMs });
}

/** Notices a commit in the checkout, whatever the agent reports. Without this it is noticed when the turn ends. */
async function watchCommits(call: WatchCall): Promise<{ stop(): Promise<void> } | undefined> {
  const { session, workspace, log, headSha, tell } = call;
  if (session.workspacePath === null) return undefined;
  const closing = new AbortController();
  const onMove = paced(call, closing.signal, () => tell([{ kind: "repository-changed", what: HEAD_MOVED }]));
  try {
    const watch = await workspace.watch?.(session.workspacePath, onMove, headSha === null ? {} : { headSha });
    return {
      async stop() {
        closing.abort();
        await watch?.stop();
      },
    };
  } catch (error) {
    log.warn(`the checkout of ${session.id} cannot be watched: ${toAoError(error).message}`);
    return undefined;
  }
}

/** What a checkout's own watch says of every change. Agents say more. */
export const HEAD_MOVED = "HEAD moved";

/** Each of these facts has the checkout inspected. The last one of many always comes, late by the pace at most. */
function paced({ session, clock, pace }: WatchCall, signal: AbortSignal, report: () => void): () => void {
  let isWaiting = false;
  return function onMove() {
    if (isWaiting || signal.aborted) return;
    const waitMs = pace.ask(session.id);
    if (waitMs === 0) return report();
    isWaiting = true;
    clock.sleep(waitMs, signal).then(
      () => {
        isWaiting = false;
        onMove();
      },
      () => undefined, // The watch was closed.
    );
  };
}

/** The agent plugin turns output into activity. That output continues is reported rarely, since each report is a commit. */
const OUTPUT_GRAIN_MS = 60_000;
/** An agent whose output continues must not be told as stuck between two reports of it. */
const LOOKS_UNTIL_STUCK = 4;
/** Progress is written down as coarsely as this anyway. */
const PROGRESS_GRAIN_MS = 5_000;

function hintAgent(observation: AgentObservation, fact: RuntimeFact): void {
  if (fact.kind === "output" || fact.kind === "ready" || fact.kind === "human-input") {
    observation.hint({ kind: fact.kind, at: fact.at });
  }
}

function fromRuntime(fact: Exclude<RuntimeFact, { kind: "output" }>, launch: number): ToldFact[] {
  switch (fact.kind) {
    case "ready":
      return [{ kind: "ready", launch }];
    case "human-input":
      return [{ kind: "human-input" }];
    case "lost":
      return [{ kind: "runtime-lost", launch, reason: fact.reason }];
    case "exit":
      return [exitFact(launch, { exit: fact.exit, lastOutput: fact.lastOutput, at: fact.at })];
  }
}

function fromAgent(fact: AgentFact, launch: number): ToldFact[] {
  switch (fact.kind) {
    case "activity":
      return [{ kind: "activity", launch, activity: fact.activity, isWhole: fact.isPartial !== true }];
    case "turn-ended":
      return [{ kind: "turn-ended", launch }];
    case "accepted":
      if (fact.messageId !== undefined) return [{ kind: "message-accepted", id: fact.messageId }];
      return fact.text === undefined ? [] : [{ kind: "text-taken", text: fact.text }];
    case "unconfirmed":
      return [{ kind: "message-unconfirmed", id: fact.messageId, doubt: fact.reason }];
    case "lost":
      return [{ kind: "message-lost", id: fact.messageId }];
    case "info":
      return [{ kind: "agent-info", ...fact.info }];
    case "progress":
      return [{ kind: "progress", what: fact.what }];
    case "usage":
      return [{ kind: "usage", usage: fact.usage }];
    case "repository-changed":
      return [{ kind: "repository-changed", what: fact.what }];
  }
}

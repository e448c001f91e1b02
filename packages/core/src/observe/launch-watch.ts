import type { ToldFact } from "../model/fact.ts";
import type { Agent, AgentFact, AgentObservation } from "../slots/agent.ts";
import type { Log, RuntimeHandle, Session } from "../slots/common.ts";
import type { Runtime, RuntimeFact } from "../slots/runtime.ts";
import { exitFact } from "./process.ts";

export interface LaunchWatch {
  stop(): Promise<void>;
}

interface WatchCall {
  session: Session;
  handle: RuntimeHandle;
  runtime: Runtime;
  agent: Agent;
  log: Log;
  tell(facts: ToldFact[]): void;
}

/** Joins what runtime and agent push about one launch into facts. */
export async function watchLaunch(call: WatchCall): Promise<LaunchWatch> {
  const { session, runtime, agent, tell } = call;
  const observation = await agent.observe?.(session, (fact) => tell(fromAgent(fact, session.launch)));
  const watch = await runtime.watch?.(call.handle, (fact) => {
    hintAgent(observation, fact);
    tell(fromRuntime(fact, session.launch));
  });
  return {
    async stop() {
      await watch?.stop();
      await observation?.stop();
    },
  };
}

function hintAgent(observation: AgentObservation | undefined, fact: RuntimeFact): void {
  if (fact.kind === "output" || fact.kind === "ready" || fact.kind === "human-input") {
    observation?.hint({ kind: fact.kind, at: fact.at });
  }
}

function fromRuntime(fact: RuntimeFact, launch: number): ToldFact[] {
  switch (fact.kind) {
    case "output":
      return []; // the agent plugin turns output into activity; by itself it would be a commit a second
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
      return [{ kind: "activity", launch, activity: fact.activity }];
    case "turn-ended":
      return [{ kind: "turn-ended", launch }];
    case "accepted":
      return fact.messageId === undefined ? [] : [{ kind: "message-accepted", id: fact.messageId }];
    case "info":
      return [{ kind: "agent-info", ...fact.info }];
    case "progress":
      return [{ kind: "progress", what: fact.what }];
  }
}

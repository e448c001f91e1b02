import type { Agent } from "@agent-orchestrator/core/slots/agent";
import { describe, test } from "vitest";
import type { AgentAtWork } from "./agent-at-work.ts";
import { AT_WORK } from "./agent-clauses.ts";
import { BEFORE_LAUNCH, launchConfig } from "./agent-launch-clauses.ts";

export { launchConfig };

export interface AgentContract {
  /** Called in each test. */
  create(): Agent;
  agentConfig?: Record<string, unknown>;
  /** Called in each test that needs a program. */
  atWork(): Promise<AgentAtWork>;
}

/** For a program on a busy machine. */
const PATIENCE_MS = 15_000;

/** Everything that core calls on an agent plugin. A sixth one is proved by this. */
export function agentContract(name: string, contract: AgentContract): void {
  describe(`the agent contract, kept by ${name}`, () => {
    for (const clause of BEFORE_LAUNCH) {
      test(clause.name, async ({ skip }) => {
        const agent = contract.create();
        const { method } = clause;
        if (method !== undefined && agent[method] === undefined) return skip(`it has no ${method}`);
        await clause.check(agent, contract.agentConfig ?? {});
      });
    }

    for (const clause of AT_WORK) {
      test(`${clause.method}: ${clause.name}`, async ({ skip }) => {
        const at = await contract.atWork();
        if (at.agent[clause.method] === undefined) return skip(`it has no ${clause.method}`);
        if (clause.appliesTo?.(at) === false) return skip("it does not say so of itself");
        await clause.check(at, PATIENCE_MS);
      });
    }
  });
}

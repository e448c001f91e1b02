import { join } from "node:path";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import type { Agent, AgentFact, AgentObservation } from "@agent-orchestrator/core/slots/agent";
import type { Session } from "@agent-orchestrator/core/slots/common";
import { launchConfig } from "@agent-orchestrator/testkit/contracts/agent";
import { ModelServer } from "@agent-orchestrator/testkit/model-server/model-server";
import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { pluginSession } from "@agent-orchestrator/testkit/session";
import { tempRepo } from "@agent-orchestrator/testkit/temp-repo";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { onTestFinished } from "vitest";
import { create } from "../index.ts";
import { type TmuxTerminal, tmuxTerminal } from "./tmux-terminal.ts";

/** SIMULATED: a program of ours that behaves as Aider's source says Aider does. */
export const STAND_IN = join(import.meta.dirname, "../../../../packages/testkit/programs/aider-stand-in/bin/aider");

export interface Bench {
  agent: Required<Agent>;
  session: Session;
  model: ModelServer;
  terminal: TmuxTerminal;
  repo: ReturnType<typeof tempRepo>;
  facts: AgentFact[];
  /** Starts it, or starts it again in the same conversation. */
  start(how?: { isAgain?: boolean }): Promise<void>;
  observe(): Promise<AgentObservation>;
  activity(): Activity | null;
  until(state: string): Promise<Activity>;
  /** Waits until this many turns have ended. */
  untilEnded(turns?: number): Promise<unknown>;
  send(text: string): ReturnType<Required<Agent>["deliver"]>;
  accepted(): string[];
  of<K extends AgentFact["kind"]>(kind: K): Extract<AgentFact, { kind: K }>[];
}

let count = 0;

/** The stand-in in its own terminal, with a scripted model, and the plugin that watches it. */
export async function bench(
  agentConfig: Record<string, unknown> = {},
  { tellsPaste = true }: { tellsPaste?: boolean } = {},
): Promise<Bench> {
  const model = await ModelServer.start();
  onTestFinished(() => model.stop());
  const repo = tempRepo();
  const config = { command: STAND_IN, model: "openai/gpt-4o", ...agentConfig };
  const agent = create(config, pluginContext()) as Required<Agent>;
  // The tests type the first prompt themselves.
  const {
    prompt: _prompt,
    promptFile: _file,
    ...launch
  } = launchConfig({ agentConfig: config, workspacePath: repo.path });
  const { sessionDir } = launch;
  const session = pluginSession({ agentName: "aider", workspacePath: repo.path, sessionDir, agentConfig: config });
  const terminal = tmuxTerminal({ tellsPaste });
  const facts: AgentFact[] = [];
  const of = <K extends AgentFact["kind"]>(kind: K) =>
    facts.filter((fact): fact is Extract<AgentFact, { kind: K }> => fact.kind === kind);
  const activity = () => of("activity").at(-1)?.activity ?? null;
  const what = (wanted: string) =>
    `${wanted} of a session that shows\n${terminal.text()}\n${JSON.stringify(facts, null, 1)}`;
  return {
    async untilEnded(turns = 1) {
      try {
        await waitFor(() => of("turn-ended").length === turns, { timeoutMs: 20_000 });
      } catch {
        throw new Error(what(`not the end of turn ${turns}`));
      }
    },
    ...{ agent, session, model, terminal, repo, facts, of, activity },
    async start({ isAgain = false } = {}) {
      await agent.setupWorkspaceHooks(repo.path, { sessionId: "app-1", sessionDir, aoPath: "ao" });
      const spec = await agent.getLaunchSpec({ ...launch, ...(isAgain && { resume: { agentSessionId: null } }) });
      if (spec === null) throw new Error("it cannot be started");
      const own = { OPENAI_API_BASE: `${model.url}/v1`, OPENAI_API_KEY: "dummy", TERM: "screen", LANG: "C.UTF-8" };
      const env = {
        PATH: process.env.PATH ?? "",
        HOME: launch.projectConfig.path,
        AO_SESSION_ID: "app-1",
        ...own,
        ...spec.env,
      };
      terminal.start(spec.argv, { cwd: repo.path, env });
    },
    async observe() {
      const observation = await agent.observe(session, (fact) => void facts.push(fact), { terminal });
      const ticking = new AbortController();
      // As a runtime does, report that something was printed.
      const timer = setInterval(() => observation.hint({ kind: "output", at: new Date().toISOString() }), 200);
      ticking.signal.addEventListener("abort", () => clearInterval(timer));
      onTestFinished(async () => {
        ticking.abort();
        await observation.stop();
      });
      return observation;
    },
    async until(state) {
      try {
        await waitFor(() => activity()?.state === state, { timeoutMs: 15_000 });
      } catch {
        throw new Error(what(`not the state ${state}`));
      }
      return activity() as Activity;
    },
    send: (text) => agent.deliver(session, { id: `m-${++count}`, text }, { terminal }),
    accepted: () => of("accepted").map(({ text }) => text ?? ""),
  };
}

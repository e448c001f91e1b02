import type { Agent, AgentPreflight } from "@agent-orchestrator/core/slots/agent";
import type { Runtime } from "@agent-orchestrator/core/slots/runtime";
import { projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { expect, it } from "vitest";
import type { App } from "../app.ts";
import type { Launching } from "../environment/environments.ts";
import { requireFit } from "./fit-agent.ts";

const chosen = { name: "other", plugin: "other", options: { model: "x" }, env: {} };
const project = projectConfig();

/** An app with these plugins, and what the agent's check was called with. */
function appWith(runtime: Partial<Runtime>, launching: (of: Launching) => Record<string, string>) {
  const asked: { overrides: object; check: AgentPreflight }[] = [];
  const app = {
    world: {
      projectPlugins: (_project: unknown, overrides: object) => ({
        agent: async () => ({ preflight: async (check) => void asked.push({ overrides, check }) }) as Partial<Agent>,
        runtime: async () => runtime,
        workspace: async () => ({}),
      }),
      agentMeans: async (_project: unknown, { options }: typeof chosen, env: Record<string, string>) => ({
        agentConfig: options,
        env,
      }),
    },
    environments: { launching: async (of: Launching) => launching(of) },
  };
  return { app: app as unknown as App, asked };
}

it("checks the agent with the environment and folder that its launch will have", async () => {
  const { app, asked } = appWith({}, ({ callerEnv }) => ({ ...callerEnv, OF: "the launch" }));
  const from = { instanceId: "i", sessionId: "app-1", callerEnv: { PATH: "/caller" } };
  await requireFit(app, project, { chosen, places: { runtime: "process" }, from });
  expect(asked).toEqual([
    {
      overrides: { agent: "other", agentOptions: { model: "x" }, runtime: "process" },
      check: { agentConfig: { model: "x" }, env: { PATH: "/caller", OF: "the launch" }, hasScreen: false },
    },
  ]);
});

it("refuses a runtime that lacks what the agent needs", async () => {
  const { app, asked } = appWith({ check: async () => [{ ok: false, text: "no tmux here" }] }, () => ({}));
  const fit = requireFit(app, project, { chosen, places: {}, from: { instanceId: "i" } });
  await expect(fit).rejects.toMatchObject({ code: "UNAVAILABLE", message: "no tmux here" });
  expect(asked).toEqual([]);
});

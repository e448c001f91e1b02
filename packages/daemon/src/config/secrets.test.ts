import { expect, it } from "vitest";
import { secretsOf } from "./secrets.ts";
import { configSandbox } from "./testing/config-sandbox.ts";

it("secrets are found wherever a plugin has options: notifiers, slots of projects, the agent's own", () => {
  const sandbox = configSandbox(`
notifiers: { slack: { token: "\${SLACK}" } }
projects:
  shop:
    tracker: { plugin: linear, apiKey: "\${LINEAR}" }
    scm: { plugin: github, webhookSecret: written-out }
    agentConfig: { command: my-agent, args: ["--key", "\${AGENT_KEY}"] }
`);
  const env = { SLACK: "xoxb-123456", LINEAR: "lin_api_1", AGENT_KEY: "sk-abcdef", OTHER: "not-asked-for" };
  expect(secretsOf(sandbox.load({ env }), env)).toEqual(["written-out"]);
  sandbox.trust();
  const found = secretsOf(sandbox.load({ env }), env).sort();
  expect(found).toEqual(["lin_api_1", "sk-abcdef", "written-out", "xoxb-123456"]);
});

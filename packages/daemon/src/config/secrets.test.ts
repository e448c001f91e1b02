import { expect, it } from "vitest";
import { secretsOf, tokenVariables, withheldVariables } from "./secrets.ts";
import { configSandbox, trustedSandbox } from "./testing/config-sandbox.ts";

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

const CONFIG = `
notifiers:
  file: { plugin: file, path: "\${HOME}/n", lang: "\${LANG}" }
  hook: { plugin: hook, url: "\${HOOK_URL}", headers: { Authorization: "Bearer \${HOOK_TOKEN}", Agent: "\${HOST_NAME}" } }
  gone: { plugin: gone, path: "\${GONE_DIR}", token: "\${GONE_TOKEN}" }
projects:
  shop: { tracker: { plugin: linear, apiKey: "\${LINEAR_KEY}", team: "\${TEAM}" }, agentConfig: { command: x, args: ["\${AGENT_KEY}"] } }
`;

it.each([
  ["nothing without a declaration, whatever it is called", {}, []],
  [
    "what is declared, by name, in depth and by pattern",
    { hook: ["url", "headers.*"], linear: ["apiKey"] },
    ["HOOK_TOKEN", "HOOK_URL", "HOST_NAME", "LINEAR_KEY"],
  ],
  ["everything below what is declared", { hook: ["headers"] }, ["HOOK_TOKEN", "HOST_NAME"]],
  ["what sounds secret, of a plugin that can't be read", { gone: null }, ["GONE_TOKEN"]],
  ["never HOME and the like, even if declared", { file: ["path", "lang"] }, []],
])("agents and CI don't get %s", async (_, declared: Record<string, string[] | null>, expected) => {
  const sandbox = configSandbox(CONFIG);
  sandbox.trust();
  const env = { HOME: "/home/me" };
  const asked = async (_slot: string, plugin: string) => (plugin in declared ? (declared[plugin] ?? null) : []);
  expect(await withheldVariables(sandbox.load({ env }), asked)).toEqual(expected);
});

it("a plugin is asked for its secrets only if its options use variables", async () => {
  const asked: string[] = [];
  const sandbox = trustedSandbox('notifiers: { a: { x: plain }, b: { x: "${Y}" } }\nprojects: { shop: {} }\n');
  await withheldVariables(sandbox.load({ env: {} }), async (_slot, plugin) => [asked.push(plugin), []][1] as string[]);
  expect(asked).toEqual(["b"]);
});

it("agents and CI don't get the token that a plugin of the config looks for, whether or not an option names it", async () => {
  const sandbox = trustedSandbox("projects: { shop: { scm: { plugin: hub }, tracker: { plugin: hub } }, other: {} }\n");
  const asked: string[] = [];
  const found = await tokenVariables(sandbox.load({ env: {} }), async (slot, plugin) => {
    asked.push(`${slot} ${plugin}`);
    return plugin === "hub" ? ["HUB_TOKEN", "HB_TOKEN", "PATH"] : [];
  });
  expect(found).toEqual(["HB_TOKEN", "HUB_TOKEN"]);
  expect(asked.filter((one) => one.endsWith(" hub"))).toEqual(["tracker hub", "scm hub"]);
});

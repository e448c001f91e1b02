import { describe, expect, it } from "vitest";
import { chosenAgent } from "../sessions/chosen-agent.ts";
import { secretsOf } from "./secrets.ts";
import { configSandbox, trustedSandbox } from "./testing/config-sandbox.ts";
import { diffTrust } from "./trust.ts";

const WITH = `
agents:
  cheap: { plugin: codex, model: small, args: [--quiet], env: { API_KEY: "\${CHEAP_KEY}", BASE_URL: "http://127.0.0.1:1" } }
defaults: { agent: cheap }
projects:
  shop: {}
`;

describe("a variant of an agent", () => {
  it("is what a project uses if it is chosen by name", () => {
    const instance = trustedSandbox(WITH).load({ env: { CHEAP_KEY: "k-123456789" } });
    const [shop] = instance.projects;
    if (shop === undefined) throw new Error("no project");
    expect(chosenAgent(shop)).toMatchObject({ name: "cheap", plugin: "codex", options: { model: "small" } });
    // Filled in when it is used, never earlier.
    expect(chosenAgent(shop).env.API_KEY).toBe("${CHEAP_KEY}");
    expect(secretsOf(instance, { CHEAP_KEY: "k-123456789" })).toContain("k-123456789");
  });

  it("is pinned with its model", () => {
    const trusted = configSandbox(WITH).load().trust;
    const changed = (from: string, to: string) =>
      diffTrust(trusted.text, configSandbox(WITH.replace(from, to)).load().trust.text);
    expect(trusted.text).toContain('agents.cheap.env.API_KEY: "${CHEAP_KEY}"');
    expect(changed("model: small", "model: big")).toHaveLength(2);
    expect(changed("--quiet", "--loud")).toHaveLength(2);
    expect(changed("127.0.0.1:1", "127.0.0.1:2")).toHaveLength(2);
    expect(changed("plugin: codex", "plugin: aider")).toHaveLength(2);
  });

  it.each([
    ["agents: { cheap: { model: x } }", "agents.cheap.plugin: is missing"],
    ["agents: { cheap: codex }", "agents.cheap: must be a map"],
    ["agents: { 'a b': { plugin: codex } }", "letters, digits"],
    ["agents: { cheap: { plugin: codex, env: { 'A-B': x } } }", "not the name of a variable"],
    ["agents: { cheap: { plugin: codex, env: { A: 1 } } }", "put it in quotes"],
    ["agents: { cheap: { plugin: codex, permissions: all } }", "must be one of default, edits, auto, skip"],
  ])("is checked: %s", (line, problem) => {
    expect(() => configSandbox(`${line}\nprojects: { shop: {} }\n`).load()).toThrow(problem);
  });

  it("warns about a key that is probably a typo", () => {
    const { warnings } = configSandbox(
      "agents: { a: { plugin: codex, permisions: edits } }\nprojects: { shop: {} }",
    ).load();
    expect(warnings.map(({ path, suggestion }) => [path, suggestion])).toEqual([
      ["agents.a.permisions", "did you mean `permissions`?"],
    ]);
  });
});

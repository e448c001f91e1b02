import { projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { describe, expect, it } from "vitest";
import { chosenAgent } from "./chosen-agent.ts";

const project = projectConfig({
  agent: { plugin: "codex", options: { own: 1 } },
  agentConfig: { model: "big", allow: ["make"], env: { A: "config", B: "config" } },
  agents: {
    cheap: { plugin: "codex", options: { model: "small", env: { A: "cheap" } } },
    other: { plugin: "aider", options: { model: "x" } },
  },
});

describe("the agent that works under a name", () => {
  it("is the project's own, with all it says of it", () => {
    expect(chosenAgent(project)).toEqual({
      name: "codex",
      plugin: "codex",
      options: { own: 1, model: "big", allow: ["make"] },
      env: { A: "config", B: "config" },
    });
  });

  it("is a variant, over what the project says of the same plugin", () => {
    expect(chosenAgent(project, "cheap")).toEqual({
      name: "cheap",
      plugin: "codex",
      options: { model: "small", allow: ["make"] },
      env: { A: "cheap", B: "config" },
    });
  });

  it("is a variant or a plugin of another kind, without anything of the project's own", () => {
    expect(chosenAgent(project, "other")).toEqual({ name: "other", plugin: "aider", options: { model: "x" }, env: {} });
    expect(chosenAgent(project, "opencode")).toEqual({ name: "opencode", plugin: "opencode", options: {}, env: {} });
  });

  it("is the variant that the project chose, with what it says beside the name on top", () => {
    const choosing = { ...project, agent: { plugin: "cheap", options: { model: "tiny" } } };
    expect(chosenAgent(choosing)).toMatchObject({ name: "cheap", plugin: "codex", options: { model: "tiny" } });
    expect(chosenAgent(choosing, "codex").options).toEqual({ model: "big", allow: ["make"] });
  });

  it("never takes a name for one of every object's own", () => {
    expect(chosenAgent(project, "constructor")).toMatchObject({ plugin: "constructor", options: {} });
  });
});

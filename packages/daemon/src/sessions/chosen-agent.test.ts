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
  it("is the project's own, with all its settings", () => {
    expect(chosenAgent(project)).toEqual({
      name: "codex",
      plugin: "codex",
      options: { own: 1, model: "big", allow: ["make"] },
      env: { A: "config", B: "config" },
    });
  });

  it("is a variant, on top of the project's settings for the same plugin", () => {
    expect(chosenAgent(project, "cheap")).toEqual({
      name: "cheap",
      plugin: "codex",
      options: { model: "small", allow: ["make"] },
      env: { A: "cheap", B: "config" },
    });
  });

  it("is a variant with its own program, which gets nothing that is said about the project's program", () => {
    const ofProgram = { args: ["-x"], resume: ["a", "--resume"], lifetime: "per-turn", promptDelivery: "stdin" };
    const own = {
      ...project,
      agent: { plugin: "command", options: {} },
      agentConfig: { command: ["a"], ...ofProgram, allow: ["make"] },
      agents: {
        b: { plugin: "command", options: { command: ["b"] } },
        c: { plugin: "command", options: { command: ["c"], lifetime: "interactive" } },
        same: { plugin: "command", options: { quiet: 1 } },
      },
    };
    expect(chosenAgent(own, "b").options).toEqual({ command: ["b"], allow: ["make"] });
    expect(chosenAgent(own, "c").options).toEqual({ command: ["c"], lifetime: "interactive", allow: ["make"] });
    expect(chosenAgent(own, "same").options).toEqual({ command: ["a"], ...ofProgram, allow: ["make"], quiet: 1 });
  });

  it("is a variant or plugin of another kind, with only those project settings that mean the same for every agent", () => {
    const allow = ["make"];
    expect(chosenAgent(project, "other")).toEqual({
      ...{ name: "other", plugin: "aider", env: {} },
      options: { model: "x", allow },
    });
    expect(chosenAgent(project, "opencode")).toEqual({
      ...{ name: "opencode", plugin: "opencode", env: {} },
      options: { allow },
    });
  });

  it("never asks less than the project says because another agent takes over, unless its own options say so", () => {
    const careful = {
      ...project,
      agentConfig: { permissions: "default", allow: ["make"], resumeAfterLimit: true, command: "own", args: ["-x"] },
      agents: { free: { plugin: "aider", options: { permissions: "auto", allow: [] } } },
    };
    const common = { permissions: "default", allow: ["make"], resumeAfterLimit: true };
    expect(chosenAgent(careful, "opencode").options).toEqual(common);
    expect(chosenAgent(careful, "free").options).toEqual({ ...common, permissions: "auto", allow: [] });
    const beside = {
      ...careful,
      agentConfig: {},
      agent: { plugin: "codex", options: { permissions: "default", a: 1 } },
    };
    expect(chosenAgent(beside, "opencode").options).toEqual({ permissions: "default" });
    const ofVariant = { ...careful, agent: { plugin: "free", options: { permissions: "default" } }, agentConfig: {} };
    expect(chosenAgent(ofVariant, "opencode").options).toEqual({ permissions: "default" });
  });

  it("is the variant that the project chose, with the project's own options on top", () => {
    const choosing = { ...project, agent: { plugin: "cheap", options: { model: "tiny" } } };
    expect(chosenAgent(choosing)).toMatchObject({ name: "cheap", plugin: "codex", options: { model: "tiny" } });
    expect(chosenAgent(choosing, "codex").options).toEqual({ model: "big", allow: ["make"] });
  });

  it("never confuses a name with a property that every object has", () => {
    expect(chosenAgent(project, "constructor")).toMatchObject({ plugin: "constructor", options: {} });
  });
});

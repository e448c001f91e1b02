import { join } from "node:path";
import { repoAt } from "@agent-orchestrator/testkit/temp-repo";
import { describe, expect, it } from "vitest";
import { findConfig } from "./find.ts";
import { loadConfig } from "./load.ts";
import { formatProblem } from "./problem.ts";
import { policyFor } from "./resolve.ts";
import { configSandbox, trustedSandbox } from "./testing/config-sandbox.ts";

describe("three layers", () => {
  it("put the local file over the instance's, and that over the user's, key by key", () => {
    const sandbox = configSandbox(
      "port: 4000\ndefaults: { runtime: process }\nprojects: { shop: { agentConfig: { model: big, allow: [a] }, ports: 3 } }\n",
    );
    sandbox.write("home/config.yaml", "port: 5000\nreadyThresholdMs: 1m\ndefaults: { runtime: tmux, agent: aider }\n");
    sandbox.write(
      "repo/agent-orchestrator.local.yaml",
      "port: 6000\nprojects: { shop: { agentConfig: { allow: [b] } } }\n",
    );
    sandbox.trust();
    const config = sandbox.load();
    expect(config.port).toBe(6000);
    expect(config.projects[0]).toMatchObject({
      runtime: { plugin: "process" },
      agent: { plugin: "aider" },
      agentConfig: { model: "big", allow: ["b"] },
      ports: 3,
    });
    expect(policyFor(config, "shop").readyThresholdMs).toBe(60_000);
    expect(config.files.map((file) => file.slice(sandbox.dir.length + 1))).toEqual([
      "repo/agent-orchestrator.local.yaml",
      "repo/agent-orchestrator.yaml",
      "home/config.yaml",
    ]);
  });

  it("let the user's notifiers, routing and terminal win", () => {
    const sandbox = trustedSandbox(`
defaults: { terminal: web, notifiers: [slack] }
notifiers: { slack: { plugin: slack, channel: theirs }, hook: { plugin: webhook, url: "https://example.invalid" } }
notificationRouting: { urgent: [slack], warning: [hook] }
projects: { shop: { terminal: iterm2 } }
`);
    sandbox.write(
      "home/config.yaml",
      "defaults: { terminal: command, notifiers: [desktop] }\nnotifiers: { slack: { plugin: slack, channel: mine } }\nnotificationRouting: { urgent: [desktop] }\n",
    );
    const config = sandbox.load();
    expect(config.notifiers).toMatchObject({
      slack: { options: { channel: "mine" } },
      hook: { plugin: "webhook" },
      desktop: { plugin: "desktop" },
    });
    expect(config.routing).toEqual({ urgent: ["desktop"], action: ["desktop"], warning: ["hook"], info: [] });
    expect(config.projects[0]?.terminal.plugin).toBe("command");
  });

  it("warn about a channel that is probably a typo", () => {
    const sandbox = trustedSandbox(
      "notifiers: { slack: {} }\nnotificationRouting: { urgent: [slcak, hook], action: [dekstop] }\ndefaults: { notifiers: [slakc] }\n",
    );
    expect(sandbox.load().warnings.map((warning) => formatProblem(warning))).toEqual([
      "agent-orchestrator.yaml:3: defaults.notifiers: no notifier `slakc` is defined under `notifiers`; did you mean `slack`?",
      "agent-orchestrator.yaml:2: notificationRouting.urgent: no notifier `slcak` is defined under `notifiers`; did you mean `slack`?",
      "agent-orchestrator.yaml:2: notificationRouting.action: no notifier `dekstop` is defined under `notifiers`; did you mean `desktop`?",
    ]);
  });

  it.each([
    [5, 8, 5],
    [8, 5, 5],
    [3, null, 3],
    [null, 4, 4],
    [null, null, 10],
    [20, null, 10],
  ])("of the limits %s (instance) and %s (user) the smaller one holds", (instance, user, expected) => {
    const limits = (n: number | null) => (n === null ? "" : `limits: { maxConcurrentSessions: ${n} }\n`);
    const sandbox = trustedSandbox(`${limits(instance)}projects: { shop: {} }\n`);
    sandbox.write("home/config.yaml", limits(user));
    expect(sandbox.load().limits).toEqual({ maxConcurrentSessions: expected, machine: user ?? 10, own: instance });
  });

  it("say that a limit above the machine's does not raise it", () => {
    const sandbox = trustedSandbox(
      "limits: { maxConcurrentSessions: 20 }\nprojects: { shop: { limits: { maxConcurrentSessions: 5 } } }\n",
    );
    expect(sandbox.load().projects[0]?.maxConcurrentSessions).toBe(5);
    expect(sandbox.load().warnings.map((warning) => formatProblem(warning))).toEqual([
      "agent-orchestrator.yaml:1: limits.maxConcurrentSessions: 20 is above the machine's limit of 10, which applies; raise that one in `$AO_HOME/config.yaml`",
    ]);
    sandbox.write("home/config.yaml", "limits: { maxConcurrentSessions: 3 }\n");
    expect(sandbox.load().warnings).toHaveLength(2);
  });

  it("merge reactions key by key: the user's, the instance's, the project's", () => {
    const sandbox = trustedSandbox(
      "reactions: { ci-failed: { retries: 4 }, agent-idle: { escalateAfter: 3 } }\nprojects: { shop: { reactions: { ci-failed: { message: Mend it. } } }, web: {} }\n",
    );
    sandbox.write("home/config.yaml", "reactions: { ci-failed: { retries: 9, escalateAfter: 1h } }\n");
    const config = sandbox.load();
    expect(policyFor(config, "shop").reactions["ci-failed"]).toEqual({
      auto: true,
      action: "send-to-agent",
      message: "Mend it.",
      priority: null,
      retries: 4,
      escalateAfterMs: 3_600_000,
      escalateAfterSends: null,
      thresholdMs: null,
      includeSummary: false,
    });
    expect(policyFor(config, "web").reactions["ci-failed"].message).toBe(null);
    expect(policyFor(config, "web").reactions["agent-idle"]).toMatchObject({
      escalateAfterSends: 3,
      thresholdMs: 300_000,
    });
  });

  it("never mix the options of two plugins", () => {
    const sandbox = trustedSandbox("projects: { shop: { tracker: { plugin: linear, teamId: T } } }\n");
    sandbox.write("repo/agent-orchestrator.local.yaml", "projects: { shop: { tracker: local } }\n");
    sandbox.trust();
    expect(sandbox.load().projects[0]?.tracker).toEqual({ plugin: "local", options: {} });
  });

  it("keep the user's own projects in the user's own instance", () => {
    const sandbox = trustedSandbox("projects: { shop: { ports: 2 } }\n");
    sandbox.write("home/config.yaml", "projects: { mine: { path: ~/mine }, shop: { agent: aider, ports: 9 } }\n");
    repoAt(join(sandbox.dir, "mine"));
    expect(sandbox.load().projects.map(({ id, ports, agent }) => [id, ports, agent.plugin])).toEqual([
      ["shop", 2, "aider"],
    ]);

    const none = { ownerOf: () => null, ownerOfSession: () => null };
    const found = findConfig({ cwd: sandbox.dir, home: sandbox.home, env: {}, ...none });
    const alone = loadConfig(found, { ...sandbox.world(), trustedOf: () => null });
    expect(found.via).toBe("home");
    expect(alone.trust.isTrusted).toBe(true);
    expect(alone.projects.map(({ id, path }) => [id, path])).toEqual([["mine", join(sandbox.dir, "mine")]]);
    expect([...alone.brokenProjects.keys()]).toEqual(["shop"]);
  });

  it("report every problem of every file", () => {
    const sandbox = configSandbox("prot: 1\n");
    sandbox.write("home/config.yaml", "limts: {}\n");
    sandbox.write("repo/agent-orchestrator.local.yaml", "\nprojcts: {}\n");
    expect(() => sandbox.load()).toThrow(
      [
        "the config has 3 problems:",
        "  agent-orchestrator.yaml:1: prot: unknown key; did you mean `port`?",
        "  agent-orchestrator.local.yaml:2: projcts: unknown key; did you mean `projects`?",
        "  config.yaml:1: limts: unknown key; did you mean `limits`?",
      ].join("\n"),
    );
  });
});

import { expect, it } from "vitest";
import type { Trusted } from "./instance.ts";
import { loadConfig, loadTrusted } from "./load.ts";
import { policyFor } from "./resolve.ts";
import { configSandbox, trustedSandbox } from "./testing/config-sandbox.ts";

const DAY = 86_400_000;
const LOOSE = `
reactions: { approved-and-green: { auto: true, action: auto-merge } }
cleanup: { merged: 1s, killed: 1s, preserve: 1s }
trust: { bots: [evil-bot] }
limits: { maxCostUsd: 5 }
notifiers: { hook: { plugin: webhook, url: "https://example.invalid" } }
notificationRouting: { urgent: [hook] }
projects: { shop: { scm: { plugin: local, requiredReviews: 0, openPr: turn-end } } }
`;

it("a config that was never trusted merges, removes, sends and routes nothing, and its limits apply", () => {
  const sandbox = configSandbox(LOOSE);
  sandbox.write("home/config.yaml", "notificationRouting: { action: [mine] }\n");
  const config = sandbox.load();
  const policy = policyFor(config, "shop");
  const reactions = Object.values(policy.reactions);
  expect(reactions.filter(({ auto, action }) => auto || action !== "notify")).toEqual([]);
  expect(new Set(Object.values(policy.cleanupMs))).toEqual(new Set([null]));
  expect(policy).toMatchObject({ openPr: "manual", trustedBots: [], closeIssueOnMerge: false });
  expect(policy.limits?.usd.session).toBe(5);
  expect(config.preserveMs).toBe(null);
  expect(config.routing).toMatchObject({ urgent: ["desktop"], action: ["mine"] });
  expect(Object.keys(config.notifiers).sort()).toEqual(["desktop", "mine"]);
});

it("what was last trusted is read again from its text, with the user's own config as it is now", () => {
  const sandbox = trustedSandbox("projects: { shop: { agentRules: Be kind. } }\n");
  sandbox.write("repo/agent-orchestrator.local.yaml", "limits: { maxConcurrentSessions: 3 }\n");
  sandbox.trust();
  sandbox.write("repo/agent-orchestrator.yaml", "projects: { shop: { agentRules: Be rude. } }\n");
  sandbox.write("repo/agent-orchestrator.local.yaml", "limits: { maxConcurrentSessions: 9 }\n");
  sandbox.write("home/config.yaml", "cleanup: { done: never }\n");
  expect(sandbox.load().trust.isTrusted).toBe(false);
  const config = loadTrusted(sandbox.find(), sandbox.world());
  expect(config?.trust.isTrusted).toBe(true);
  expect(config?.projects.map(({ agentRules }) => agentRules)).toEqual(["Be kind."]);
  expect(config?.limits.own).toBe(3);
  expect(config && policyFor(config, "shop").cleanupMs.done).toBe(null);
});

it("nothing is read again if nothing was trusted, or its text was not kept", () => {
  const sandbox = trustedSandbox("projects: { shop: {} }\n");
  const { trust } = sandbox.load();
  const world = sandbox.world();
  expect(loadTrusted(sandbox.find(), { ...world, trustedOf: () => null })).toBe(null);
  const without = { ...world, trustedOf: () => ({ ...trust, files: null }) };
  expect(loadTrusted(sandbox.find(), without)).toBe(null);
  expect(loadConfig(sandbox.find(), without).trust.isTrusted).toBe(true);
});

it.each([
  ["", "", 30 * DAY],
  ["", "cleanup: { preserve: 1s }", 30 * DAY],
  ["", "cleanup: { preserve: 60d }", 60 * DAY],
  ["", "cleanup: { preserve: never }", null],
  ["cleanup: { preserve: 10d }", "", 10 * DAY],
  ["cleanup: { preserve: 10d }", "cleanup: { preserve: 1s }", 10 * DAY],
  ["cleanup: { preserve: 10d }", "cleanup: { preserve: 20d }", 20 * DAY],
  ["cleanup: { preserve: never }", "cleanup: { preserve: 1s }", null],
])("a config keeps work at least as long as the user's own (%s and %s)", (user, own, expected) => {
  const sandbox = configSandbox(`${own}\nprojects: { shop: {} }\n`);
  sandbox.write("home/config.yaml", `${user}\n`);
  sandbox.trust();
  expect(sandbox.load().preserveMs).toBe(expected);
});

it("the user's own config as an instance needs trust only for its plugins", () => {
  const sandbox = configSandbox("");
  const path = sandbox.write("home/config.yaml", "cleanup: { merged: 1s }\nprojects: {}\n");
  const found = { ...sandbox.find(), path, dir: sandbox.home, via: "home" as const };
  const load = (trusted: Trusted | null) => loadConfig(found, { ...sandbox.world(), trustedOf: () => trusted }).trust;
  expect(load(null).isTrusted).toBe(true);
  sandbox.write("home/config.yaml", "cleanup: { merged: 1s }\nplugins: [{ path: ./x.ts }]\nprojects: {}\n");
  const asked = load(null);
  expect(asked.isTrusted).toBe(false);
  sandbox.write("home/config.yaml", "cleanup: { merged: 2s }\nplugins: [{ path: ./x.ts }]\nprojects: {}\n");
  expect(load(asked).isTrusted).toBe(true);
  sandbox.write("home/x.ts", "1;");
  expect(load(asked).isTrusted).toBe(false);
});

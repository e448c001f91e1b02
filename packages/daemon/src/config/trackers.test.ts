import { expect, it } from "vitest";
import { timingOf } from "./interpolate.ts";
import { policyFor } from "./resolve.ts";
import { tokenVariables, withheldVariables } from "./secrets.ts";
import { trustedSandbox } from "./testing/config-sandbox.ts";

const TWO =
  'projects: { shop: { repo: acme/shop, trackers: [{ plugin: linear, team: INT, apiKey: "${KEY}", claim: true }, github] } }\n';

it("keeps the trackers of a project in their order, the first as its tracker", () => {
  const [project] = trustedSandbox(TWO).load().projects;
  expect(project?.tracker.plugin).toBe("linear");
  expect(project?.trackers).toEqual([
    { plugin: "linear", options: { team: "INT", apiKey: "${KEY}", claim: true } },
    { plugin: "github", options: {} },
  ]);
});

it("takes a list of one for that one", () => {
  const [project] = trustedSandbox("projects: { shop: { trackers: [local] } }\n").load().projects;
  expect([project?.tracker, project?.trackers]).toEqual([{ plugin: "local", options: {} }, undefined]);
});

it.each([
  ["tracker: local, trackers: [github, local]", /projects\.shop\.trackers: cannot be combined with `tracker`/],
  ["trackers: [github, { plugin: github, repo: a/b }]", /projects\.shop\.trackers: github is named twice/],
])("refuses %s", (keys, expected) => {
  const config = trustedSandbox(`projects: { shop: { ${keys} } }\n`).load();
  expect(config.brokenProjects.get("shop")?.message).toMatch(expected);
});

it("lets the local file replace one by several, and several by one", () => {
  for (const [below, above, expected] of [
    ["tracker: local", "trackers: [local, github]", ["local", "github"]],
    ["trackers: [local, github]", "tracker: local", ["local"]],
  ] as const) {
    const sandbox = trustedSandbox(`projects: { shop: { ${below} } }\n`);
    sandbox.write("repo/agent-orchestrator.local.yaml", `projects: { shop: { ${above} } }\n`);
    sandbox.trust();
    const [project] = sandbox.load().projects;
    expect((project?.trackers ?? [project?.tracker]).map((one) => one?.plugin)).toEqual(expected);
  }
});

it("fills in the secrets of each when it is created, and keeps their variables from agents", async () => {
  expect(timingOf(["projects", "shop", "trackers", 0, "apiKey"])).toBe("late");
  expect(timingOf(["projects", "shop", "trackers", 0, "plugin"])).toBe("early");
  expect(timingOf(["projects", "shop", "trackers", 1])).toBe("early");
  const instance = trustedSandbox(TWO).load();
  expect(await withheldVariables(instance, async () => ["apiKey"])).toEqual(["KEY"]);
  const asked = await tokenVariables(instance, async (slot, name) => [`${slot}_${name}`]);
  expect(asked).toEqual(expect.arrayContaining(["tracker_linear", "tracker_github"]));
});

it("has a policy for the issues of each", () => {
  const policy = policyFor(trustedSandbox(TWO).load(), "shop");
  expect(policy.issuePolicies).toEqual({
    linear: { claimIssue: true, stageIssue: false, closeIssueOnMerge: true },
    github: { claimIssue: false, stageIssue: false, closeIssueOnMerge: true },
  });
});

it.each([
  ["tracker: { plugin: x, states: { started: Doing } }", true],
  ["tracker: { plugin: x, states: true }", true],
  ["tracker: { plugin: x, states: false }", false],
  ["tracker: { plugin: x }", false],
])("moves issues by %s: %s", (keys, expected) => {
  expect(policyFor(trustedSandbox(`projects: { shop: { ${keys} } }\n`).load(), "shop").stageIssue).toBe(expected);
});

it("waits for trust if a tracker is added or changed, and writes strings and maps alike", () => {
  const text = (keys: string) => trustedSandbox(`projects: { shop: { ${keys} } }\n`).load().trust.text;
  expect(text("trackers: [github, local]")).toBe(text("trackers: [{ plugin: github }, local]"));
  expect(text("trackers: [github, { plugin: linear, team: A }]")).not.toBe(
    text("trackers: [github, { plugin: linear, team: B }]"),
  );
});

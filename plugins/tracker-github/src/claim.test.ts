import { GitHub } from "@agent-orchestrator/testkit/github/github";
import { pluginContext, projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { expect, it, onTestFinished } from "vitest";
import plugin from "./index.ts";

async function world(options: Record<string, unknown> = {}) {
  const github = await GitHub.start();
  onTestFinished(() => github.stop());
  const shop = await github.addRepo("acme/shop", { files: {}, collaborators: { wes: "write", ann: "write" } });
  const project = projectConfig({ repo: "acme/shop" });
  const access = { token: github.token("wes").value, baseUrl: github.baseUrl };
  const tracker = plugin.create({ ...access, ...options }, pluginContext({ project }));
  const { number } = shop.openIssue({ by: "ann", title: "Wrong total" });
  const set = async (isClaimed: boolean) => tracker.updateIssue?.(String(number), { isClaimed }, project);
  const issue = () => shop.issue(number);
  const names = () => [issue().labels.map(({ name }) => name), issue().assignees.map(({ login }) => login)];
  const events = () => issue().events.map(({ event }) => event);
  return { github, shop, number, tracker, project, set, names, events };
}

it("assigns the issue to the token's user and labels it, once, and takes only the label away", async () => {
  const { set, names, events, tracker, project, number } = await world();
  await set(true);
  expect(names()).toEqual([["in progress"], ["wes"]]);
  await set(true);
  expect(events()).toEqual(["assigned", "labeled"]);
  expect((await tracker.getIssue(String(number), project)).state).toBe("in_progress");
  await set(false);
  await set(false);
  expect(names()).toEqual([[], ["wes"]]);
  expect(events()).toEqual(["assigned", "labeled", "unlabeled"]);
});

it("leaves other people's labels and assignees, and uses the label of the config", async () => {
  const { shop, number, set, names } = await world({ inProgressLabel: "doing", claim: true });
  shop.label(number, ["bug"], "ann");
  shop.assign(number, ["ann"], "ann");
  await set(true);
  expect(names()).toEqual([
    ["bug", "doing"],
    ["ann", "wes"],
  ]);
  await set(false);
  expect(names()).toEqual([["bug"], ["ann", "wes"]]);
});

it("does only what is missing after an answer that was lost", async () => {
  const { github, set, names, events } = await world();
  github.fault({ kind: "lost-answer", match: ({ method, path }) => method === "POST" && path.endsWith("/labels") });
  await expect(set(true)).rejects.toMatchObject({ code: "UNREACHABLE" });
  github.clearFaults();
  await set(true);
  expect(names()).toEqual([["in progress"], ["wes"]]);
  expect(events()).toEqual(["assigned", "labeled"]);
});

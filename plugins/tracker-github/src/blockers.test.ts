import { GitHub } from "@agent-orchestrator/testkit/github/github";
import { pluginContext, projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { expect, it, onTestFinished } from "vitest";
import plugin from "./index.ts";

it("reads what an issue waits for, across repositories and without what is closed, and asks nothing for other issues", async () => {
  const github = await GitHub.start();
  onTestFinished(() => github.stop());
  const shop = await github.addRepo("acme/shop", { collaborators: { wes: "write" } });
  const tax = await github.addRepo("acme/tax", { collaborators: { wes: "write" } });
  const project = projectConfig({ repo: "acme/shop", tracker: { plugin: "github", options: {} } });
  const options = { token: github.token("wes").value, baseUrl: github.baseUrl };
  const tracker = plugin.create(options, pluginContext({ project }));
  const blocked = shop.openIssue({ by: "wes", title: "Total" });
  const plain = shop.openIssue({ by: "wes", title: "Free" });
  const ours = shop.openIssue({ by: "wes", title: "Rates" });
  const done = shop.openIssue({ by: "wes", title: "Currency" });
  const theirs = tax.openIssue({ by: "wes", title: "Tax" });
  for (const one of [ours, done, theirs]) shop.block(blocked.number, one);
  const part = shop.openIssue({ by: "wes", title: "Rounding" });
  for (const one of [part, ours, done]) shop.addSubIssue(blocked.number, one);
  shop.closeIssue(done.number, { by: "wes" });

  const issue = await tracker.getIssue(String(blocked.number), project);
  const blockers = await tracker.getBlockers?.(issue, project);
  expect(blockers?.map(({ id, title, state }) => [id, title, state])).toEqual([
    [String(ours.number), "Rates", "open"],
    ["acme/tax#1", "Tax", "open"],
    [String(part.number), "Rounding", "open"],
  ]);
  expect(await tracker.isCompleted("acme/tax#1", project)).toBe(false);
  tax.closeIssue(theirs.number, { by: "wes" });
  expect(await tracker.isCompleted("acme/tax#1", project)).toBe(true);

  const free = await tracker.getIssue(String(plain.number), project);
  const asked = github.requests.length;
  expect(await tracker.getBlockers?.(free, project)).toEqual([]);
  expect(github.requests).toHaveLength(asked);
});

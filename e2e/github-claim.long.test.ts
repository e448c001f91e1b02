import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { type GitHubBox, startOnGitHub } from "./support/github.ts";

let world = {} as GitHubBox;
afterEach(({ task }) => world.close(task.result?.state === "fail"));

const soon = { timeoutMs: 60_000 };

it("claims an issue for a spawn and releases it at its end, once each, though the daemon is killed in the middle", async () => {
  world = await startOnGitHub({ tracker: ", claim: true" });
  const { box, shop } = world;
  const issue = shop.openIssue({ by: "ann", title: "Wrong total" });
  shop.label(issue.number, ["bug"], "ann");
  shop.openIssue({ by: "ann", title: "Add a tour" });
  const did = () => shop.issue(1).events.map(({ event }) => event);

  // See packages/core/src/host/failpoint.ts. The command starts the next daemon without it.
  const failpoint = join(box.dir, "failpoint");
  writeFileSync(failpoint, "");
  await box.ask("stop", {});
  await box.start({ AO_FAILPOINT_FILE: failpoint });
  const { pid } = await box.get("ping", {});
  writeFileSync(failpoint, "claim-issue.after");
  expect((await box.ao("spawn", "app", "1")).status).toBe(0);
  await waitFor(async () => (await box.get("ping", {})).pid !== pid, { ...soon, what: "the next daemon" });
  await waitFor(async () => (await box.get("explain", { session: "app-1" })).pending.length === 0, {
    ...soon,
    what: "no effect in progress",
  });
  expect(did()).toEqual(["labeled", "assigned", "labeled"]);

  const listed = await box.ao("issues", "app");
  expect(listed.stdout).toMatch(/#2 +Add a tour\n#1 +Wrong total +bug, in progress +app-1 +@wes/);
  expect((await box.ao("issues", "--label", "bug")).stdout).not.toMatch(/Add a tour/);
  expect((await box.ao("issues", "-l", "none")).stdout).toBe("No open issues with the label none.\n");
  expect((await box.ao("issues", "-n", "1")).stdout).toMatch(/^#2 .*\n\nThere are more\. To see them: --limit 2\n$/);

  expect((await box.ao("kill", "app-1")).status).toBe(0);
  await waitFor(() => did().includes("unlabeled"), { ...soon, what: "the release" });
  expect(did()).toEqual(["labeled", "assigned", "labeled", "unlabeled"]);
  expect(shop.issue(1).labels.map(({ name }) => name)).toEqual(["bug"]);
}, 120_000);

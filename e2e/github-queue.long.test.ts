import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { type GitHubBox, startWithWebhooks } from "./support/github.ts";

let world = {} as GitHubBox;
afterEach(({ task }) => world.close(task.result?.state === "fail"));

const soon = { timeoutMs: 60_000 };

it("merges through a merge queue: in with `ao merge`, out with a failure to the agent, in again, merged", async () => {
  const started = await startWithWebhooks();
  world = started;
  const { box, shop, github, pushed, messages } = world;
  started.connect();
  shop.addRuleset("queue", { demands: { mergeQueue: "squash", requiredChecks: [{ context: "test", appId: null }] } });
  expect((await box.ao("spawn", "app", "-p", "Fix the total")).status).toBe(0);
  const show = () => box.get("show", { session: "app-1" });
  await waitFor(async () => (await show()).pr !== null, { ...soon, what: "the pull request" });
  const { branch } = await show();
  const passed = { name: "test", by: "wes", conclusion: "success" } as const;
  const ready = async () => {
    shop.finishCheck(await pushed(branch), { ...passed, branch });
    expect((await box.ao("wait", "app-1", "--until", "mergeable", "--timeout", "60s")).status).toBe(0);
  };
  const test = async (conclusion: "success" | "failure") => {
    await github.settled();
    const [entry] = shop.repo.queue;
    shop.finishCheck(entry?.headSha ?? "", { ...passed, branch: entry?.headRef ?? "", conclusion });
  };

  await ready();
  const judged = await pushed(branch);
  // The daemon dies right after GitHub has it. The command asks the next one, which finds it in the queue.
  const failpoint = join(box.dir, "failpoint");
  writeFileSync(failpoint, "");
  await box.ask("stop", {});
  await box.start({ AO_FAILPOINT_FILE: failpoint });
  const { pid } = await box.get("ping", {});
  writeFileSync(failpoint, "merge.after");
  const queued = await box.ao("merge", "app-1", "--yes");
  expect([queued.status, queued.stderr]).toEqual([0, "ao: lost the connection to the daemon, trying again\n"]);
  expect(queued.stdout).toMatch(/in the merge queue, at position 1/);
  expect((await box.get("ping", {})).pid).not.toBe(pid);
  expect((await show()).pr).toMatchObject({ state: "open", mergeQueue: { position: 1 } });
  expect((await box.ao("merge", "app-1", "--yes")).status).toBe(0);

  await test("failure");
  await waitFor(() => messages().some((text) => text.includes("removed from the merge queue: failed checks")), {
    ...soon,
    what: "the failure at the agent",
  });
  await waitFor(async () => (await pushed(branch)) !== judged, { ...soon, what: "the pushed fix" });
  await ready();
  expect((await box.ao("merge", "app-1", "--yes")).status).toBe(0);
  await test("success");
  expect((await box.ao("wait", "app-1", "--until", "merged", "--timeout", "60s")).status).toBe(0);
  const added = shop
    .pull((await show()).pr?.number ?? 0)
    .events.filter(({ event }) => event === "added_to_merge_queue");
  expect(added).toHaveLength(2);
}, 180_000);

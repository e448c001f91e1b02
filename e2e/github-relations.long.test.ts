import { afterEach, expect, it } from "vitest";
import { type GitHubBox, startOnGitHub } from "./support/github.ts";

let { box, shop, close } = {} as GitHubBox;
afterEach(({ task }) => close(task.result?.state === "fail"));

it("queues an issue that is blocked by another one on GitHub, and starts it when that is closed", async () => {
  ({ box, shop, close } = await startOnGitHub({ agentArgs: ["--idle"] }));
  shop.openIssue({ by: "wes", title: "Show the total" });
  shop.block(1, shop.openIssue({ by: "wes", title: "Compute the total" }));
  const spawned = await box.ao("spawn", "1");
  expect([spawned.status, spawned.stderr]).toEqual([0, ""]);
  expect(spawned.stdout).toContain(
    "waiting: waits for issue 2, which blocks it, to be closed, or a session of it to be done",
  );
  expect((await box.ao("spawn", "2")).stdout).toContain("app-2 is running");
  expect((await box.ao("show", "app-1")).stdout).toContain(
    "waits for app-2 (issue 2, which blocks it) to be merged or done",
  );
  // Somebody closes it on the site while the daemon is down.
  await box.ao("stop");
  shop.closeIssue(2, { by: "ann" });
  await box.ao("start");
  await box.get("wait", { session: "app-1", until: ["working"], timeoutMs: 20_000 });
}, 60_000);

import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { type GitHubBox, startWithWebhooks } from "./support/github.ts";

let world = {} as GitHubBox;
afterEach(({ task }) => world.close(task.result?.state === "fail"));

const soon = { timeoutMs: 60_000 };

it("runs a job that timed out again before it tells the agent of the next failure", async () => {
  const started = await startWithWebhooks();
  world = started;
  const { box, shop, pushed, messages } = world;
  started.connect();
  await shop.protect("main", { requiredChecks: [{ context: "e2e", appId: null }] });
  expect((await box.ao("spawn", "app", "-p", "Fix the total")).status).toBe(0);
  const prOf = async () => (await box.get("show", { session: "app-1" })).pr;
  await waitFor(async () => (await prOf()) !== null, { ...soon, what: "the pull request" });
  const branch = (await box.get("show", { session: "app-1" })).branch ?? "";
  const run = shop.startRun({ by: "wes", sha: await pushed(branch), branch, jobs: [{ name: "e2e" }] });
  const end = (conclusion: "timed_out" | "failure", text: string) => {
    const job = run.jobs.at(-1);
    if (job === undefined) throw new Error("no job");
    shop.startJob(job);
    shop.finishJob(job, { conclusion, output: { "Run npm test": text } });
  };
  end("timed_out", "no answer for 6 hours");
  await waitFor(() => run.attempt === 2, { ...soon, what: "the second attempt" });
  end("failure", "expected 1 to be 2");
  await waitFor(() => messages().some((text) => text.includes("expected 1 to be 2")), { ...soon, what: "the log" });
  expect(messages().filter((text) => /CI failed|no answer/.test(text))).toHaveLength(1);
  expect(run.attempt).toBe(2);
  expect((await box.ao("show", "app-1")).stdout).toMatch(/Asked to run e2e again/);
}, 120_000);

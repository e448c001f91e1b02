import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { payloadProblems } from "../openapi.ts";
import { openChange, startScene } from "./start.ts";

interface Received {
  event: string;
  action: string | null;
  delivery: string;
  isSigned: boolean;
  payload: Record<string, unknown>;
}

async function startReceiver(secret: string) {
  const received: Received[] = [];
  const server = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on("data", (chunk: Buffer) => chunks.push(chunk));
    message.on("end", () => {
      const body = Buffer.concat(chunks);
      const payload = JSON.parse(body.toString("utf8")) as Record<string, unknown>;
      received.push({
        event: String(message.headers["x-github-event"]),
        action: (payload.action as string | undefined) ?? null,
        delivery: String(message.headers["x-github-delivery"]),
        isSigned:
          message.headers["x-hub-signature-256"] ===
          `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
        payload,
      });
      response.end("ok");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

test("webhooks are posted and signed for all that happens to a pull request, by the official description", async () => {
  const scene = await startScene();
  const { github, shop, ann, wes } = scene;
  const { received, url } = await startReceiver("s3cret");
  const repo = { owner: "acme", repo: "shop" };
  const { data: hook } = await ann.repos.createWebhook({
    ...repo,
    config: { url, secret: "s3cret", content_type: "json" },
    events: ["*"],
  });
  const issue = shop.openIssue({ by: "rob", title: "wrong" });
  shop.label(issue.number, ["bug"], "wes");
  shop.assign(issue.number, ["wes"], "wes");
  shop.comment(issue.number, { by: "rob", body: "hm" });
  const pr = await openChange(scene, { body: `Fixes #${issue.number}`, draft: true });
  shop.ready(pr.number, "wes");
  const run = shop.startRun({ by: "wes", sha: pr.pull.headSha, branch: "feat", jobs: [{ name: "test" }] });
  for (const job of run.jobs) shop.finishJob(job, { conclusion: "failure" });
  shop.addStatus({ by: "ann", sha: pr.pull.headSha, context: "deploy", state: "success" });
  await shop.review(pr.number, {
    by: "ann",
    verdict: "COMMENT",
    threads: [{ path: "src/cart.ts", line: 1, body: "why?" }],
  });
  const [thread] = shop.threads(pr.number);
  if (thread === undefined) throw new Error("no thread");
  shop.resolve(pr.number, thread, "ann");
  await shop.pushCommit("feat", { by: "wes", files: { "more.txt": "1\n" } });
  await shop.review(pr.number, { by: "ann", verdict: "APPROVE" });
  await shop.merge(pr.number, { by: "wes" });
  await shop.deleteBranch("feat", "wes");
  await github.settled();
  const seen = new Set(received.map(({ event, action }) => (action === null ? event : `${event}.${action}`)));
  expect([...seen].sort()).toEqual(
    [
      "check_run.completed",
      "check_run.created",
      "check_suite.completed",
      "create",
      "delete",
      "issue_comment.created",
      "issues.assigned",
      "issues.closed",
      "issues.labeled",
      "issues.opened",
      "ping",
      "pull_request.closed",
      "pull_request.opened",
      "pull_request.ready_for_review",
      "pull_request.synchronize",
      "pull_request_review.submitted",
      "pull_request_review_comment.created",
      "pull_request_review_thread.resolved",
      "push",
      "status",
      "workflow_job.completed",
      "workflow_job.in_progress",
      "workflow_job.queued",
      "workflow_run.completed",
      "workflow_run.in_progress",
      "workflow_run.requested",
    ].sort(),
  );
  expect(received.filter(({ isSigned }) => !isSigned)).toEqual([]);
  expect(received.flatMap((one) => payloadProblems(one, one.payload))).toEqual([]);
  const { data: deliveries } = await ann.repos.listWebhookDeliveries({ ...repo, hook_id: hook.id });
  const count = received.length;
  await ann.repos.redeliverWebhookDelivery({ ...repo, hook_id: hook.id, delivery_id: deliveries[0]?.id ?? 0 });
  await github.settled();
  expect([received.length, received.at(-1)?.delivery]).toEqual([count + 1, deliveries[0]?.guid]);
  await expect(wes.repos.listWebhooks(repo)).rejects.toMatchObject({ status: 403 });
});

test("a receiver that is gone is a failed delivery, and nothing else", async () => {
  const { github, shop, ann } = await startScene();
  const hook = shop.hook({ url: "http://127.0.0.1:1/", secret: "x" });
  shop.openIssue({ by: "ann", title: "hello" });
  await github.settled();
  const { data } = await ann.repos.listWebhookDeliveries({ owner: "acme", repo: "shop", hook_id: hook.id });
  expect(data.map(({ status_code, event }) => [event, status_code])).toEqual([["issues", 0]]);
});

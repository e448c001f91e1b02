import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, describe, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const CHECK = `test ! -f work.txt || { echo "work.txt has $(wc -l < work.txt) lines"; test $(wc -l < work.txt) -ge 2; }`;
const CI = `    scm: { plugin: local, ci: [{ name: lines, run: ${JSON.stringify(CHECK)} }] }`;

describe.each(["tmux", "process"] as const)("the main loop on runtime %s", (runtime) => {
  it("takes an issue from spawn through a failing check, a review and a merge to a closed issue", async () => {
    box = new Sandbox({ runtime, project: CI });
    await box.start();
    await box.trust();
    writeFileSync(join(box.repo.path, "README.md"), "# app\nthe user is editing this\n");

    const [session] = await box.get("spawn", { words: ["app", "1"] });
    expect(session).toMatchObject({ id: "app-1", status: "working", branch: "feat/1" });

    const red = await box.get("wait", { session: "app-1", until: ["ci_failed"], timeoutMs: 30_000 });
    expect(red.pr?.ci).toBe("failing");
    await waitFor(() => box.agentEvents().filter(({ event }) => event === "message").length === 1, {
      timeoutMs: 20_000,
      what: "the failure at the agent",
    });
    const sent = box.agentEvents().find(({ event }) => event === "message")?.text ?? "";
    expect(sent).toContain("lines");
    expect(sent).toContain("work.txt has 1 lines");

    await box.get("wait", { session: "app-1", until: ["review_pending"], timeoutMs: 30_000 });
    await box.get("review", {
      session: "app-1",
      state: "changes_requested",
      body: "Please say more.",
      comments: [{ path: "work.txt", line: 1, body: "what is this?" }],
    });
    await waitFor(() => box.agentEvents().filter(({ event }) => event === "message").length === 2, {
      timeoutMs: 20_000,
      what: "the review at the agent",
    });
    const review = box.agentEvents().at(-1)?.text ?? "";
    expect(review).toContain("Please say more.");
    expect(review).toContain("work.txt:1");
    expect(review).toContain("what is this?");

    await waitFor(
      async () =>
        (await box.get("show", { session: "app-1" })).pr?.ci === "passing" &&
        box.repo.git("rev-list", "--count", "feat/1").trim() === "4",
      { timeoutMs: 30_000, what: "a green head with both answers" },
    );
    await box.get("review", { session: "app-1", state: "approved" });
    await box.get("wait", { session: "app-1", until: ["mergeable"], timeoutMs: 30_000 });
    const merged = await box.get("merge", { session: "app-1", isConfirmed: true });
    expect(merged.status).toBe("merged");

    expect(box.repo.git("show", "main:work.txt")).toContain("prompt");
    expect(readFileSync(join(box.repo.path, "README.md"), "utf8")).toBe("# app\nthe user is editing this\n");
    expect(readFileSync(join(box.repo.path, "work.txt"), "utf8")).toContain("prompt");
    await waitFor(() => readFileSync(join(box.repo.path, ".ao/issues/1-task-1.md"), "utf8").includes("state: closed"), {
      what: "the closed issue",
    });
    const events = (await box.get("events", { session: "app-1", limit: 1000 })).map(({ type }) => type);
    for (const type of [
      "session.spawned",
      "pr.created",
      "ci.failing",
      "ci.fix_sent",
      "ci.passing",
      "review.changes_requested",
      "review.comments_sent",
      "review.approved",
      "merge.ready",
      "merge.completed",
      "pr.merged",
    ]) {
      expect(events, type).toContain(type);
    }
  });
});

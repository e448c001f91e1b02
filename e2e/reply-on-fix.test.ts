import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it, onTestFinished } from "vitest";
import { filesOf } from "./support/change-case.ts";
import { Sandbox } from "./support/sandbox.ts";

interface Comment {
  body: string;
  isResolved: boolean;
  replies: { body: string }[];
}

it("replies once in each thread after the agent's fix, also when the daemon is killed in between", async () => {
  const box = new Sandbox({ runtime: "process", project: "    scm: { plugin: local, replyOnFix: true }" });
  const failpoint = { AO_FAILPOINT_FILE: join(box.dir, "failpoint") };
  onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
    await box.close();
  });
  writeFileSync(failpoint.AO_FAILPOINT_FILE, "reply.written");
  await box.start(failpoint);
  await box.trust();
  expect(await box.ao("spawn", "app", "1")).toMatchObject({ status: 0 });
  expect(await box.ao("wait", "app-1", "--until", "review_pending", "--timeout", "30s")).toMatchObject({ status: 0 });
  const reviewed = await box.ao("review", "app-1", "--request-changes", "--at", "work.txt:1=Why this word?");
  expect([reviewed.status, reviewed.stderr]).toEqual([0, ""]);

  await box.died(); // The reply is written, and the thread is not resolved yet.
  writeFileSync(failpoint.AO_FAILPOINT_FILE, "");
  await box.start(failpoint);
  const [file] = filesOf(box, "scm/prs").filter((path) => /\/1\.json$/.test(path));
  const comments = (): Comment[] => JSON.parse(readFileSync(file ?? "", "utf8")).comments;
  await waitFor(() => comments().every(({ isResolved }) => isResolved), { what: "the resolved thread" });
  const head = box.repo.git("rev-parse", "feat/1").trim();
  expect(comments()).toMatchObject([{ replies: [{ body: `Addressed in ${head}.` }] }]);
  expect((await box.get("show", { session: "app-1" })).pr?.review).toBe("changes_requested");
}, 90_000);

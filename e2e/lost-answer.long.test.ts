import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repoAt } from "@agent-orchestrator/testkit/temp-repo";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { Sandbox, type SandboxOptions } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

async function ready(options: SandboxOptions): Promise<void> {
  box = new Sandbox(options);
  await box.start();
  await box.trust();
}

/** The command, while the daemon is killed when it has carried it out and not answered yet. The command starts the next one. */
async function losingTheAnswer(...args: string[]): Promise<string> {
  await box.kill9();
  await box.start({ AO_FAILPOINT: "request.done" });
  const answer = await box.ao(...args);
  expect(answer.stderr, args.join(" ")).toMatch(/^ao: lost the connection to the daemon, trying again\n/);
  expect(answer.status, `${args.join(" ")}: ${answer.stderr}`).toBe(0);
  await box.died();
  return answer.stdout;
}

it("a command whose answer was lost succeeds, and does not find its own work in the way", async () => {
  await ready({ agentArgs: ["--idle"] });
  const starts = () => box.agentEvents().filter(({ event }) => event === "start").length;
  await losingTheAnswer("spawn", "app", "1");
  expect((await box.get("status", { all: true })).map(({ id }) => id)).toEqual(["app-1"]);
  await waitFor(() => starts() === 1);
  // `1` is its issue, and means the session only as long as it lives.
  await losingTheAnswer("kill", "1", "--rm", "--yes");
  expect((await box.get("show", { session: "app-1" })).isArchived).toBe(true);
  await losingTheAnswer("restore", "app-1");
  await waitFor(() => starts() === 2, { what: "the second start" });
  await losingTheAnswer("set", "app-1", "note=once");
  await losingTheAnswer("send", "app-1", "only once");
  expect(box.agentEvents().filter(({ text }) => text === "only once")).toHaveLength(1);
  expect(starts()).toBe(2);
  const fresh = join(box.dir, "fresh");
  mkdirSync(fresh);
  repoAt(fresh, { "README.md": "# fresh\n" });
  await losingTheAnswer("init", fresh);
  await losingTheAnswer("forget", box.repo.path, "--yes");
  expect((await box.get("projects", {})).map(({ id }) => id)).toEqual(["fresh"]);
});

it("a merge whose answer was lost is not refused for what it brought in", async () => {
  await ready({ agentArgs: ["--own-file"], project: "    scm: { plugin: local }" });
  expect((await box.ao("spawn", "app", "1")).status).toBe(0);
  await box.get("wait", { session: "app-1", until: ["review_pending"], timeoutMs: 30_000 });
  await box.get("review", { session: "app-1", state: "approved" });
  await box.get("wait", { session: "app-1", until: ["mergeable"], timeoutMs: 20_000 });
  await box.kill9();
  await box.start({ AO_FAILPOINT: "request.done" });
  const merge = () => box.ask("merge", { session: "1", isConfirmed: true }, "wish-merge");
  expect(await merge()).toEqual({ ok: false, error: null });
  await box.died();
  // As when the merge brings a change of the config, which nobody has trusted yet.
  writeFileSync(join(box.repo.path, "agent-orchestrator.yaml"), "projects: { app: { postCreate: [touch x] } }\n");
  await box.start();
  expect(await merge()).toMatchObject({ ok: true, data: { pr: { state: "merged" } } });
  const other = await box.ask("kill", { sessions: ["app-1"] }, "wish-merge");
  expect(other).toMatchObject({ ok: false, error: { code: "USAGE" } });
});

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const FORBIDDEN = [
  "pr create --force-with-lease",
  "review app-1 --approve",
  "merge app-1 --yes",
  "trust",
  "kill app-2",
  "kill app-1 --rm --yes",
  "send app-2 hello",
  "interrupt app-2",
  "pause",
  "resume",
  "restore app-2",
  "cleanup --yes",
  "set app-1 reviewer=me",
  "spawn app 3",
  "stop --sessions --yes",
  "restart",
  "exec app-2 -- true",
  "attach app-2",
  "show app-2",
  "diff app-2",
  "report done --session app-2",
  "pr create --session app-2",
  "init --dry-run",
  "notify test",
];

it("an agent that calls `ao` can report, open its pull request and read its own session, but nothing else", async () => {
  box = new Sandbox({ agentArgs: ["--own-file"] });
  await box.ao("trust");
  const spawned = await box.ao("spawn", "app", "1", "2");
  expect(spawned.status, spawned.stderr).toBe(0);
  await box.get("wait", { session: "app-1", until: ["review_pending", "mergeable"], timeoutMs: 30_000 });
  const configFile = join(box.repo.path, "agent-orchestrator.yaml");
  const before = readFileSync(configFile, "utf8");

  const failed: string[] = [];
  const disguises = [
    "",
    "env -u AO_SESSION_ID ",
    `cd / && env -u AO_SESSION_ID AO_CONFIG_PATH=${configFile} setsid -w `,
  ];
  for (const disguise of disguises) {
    const commands = FORBIDDEN.slice(0, disguise === "" ? undefined : 8);
    const lines = commands.map((words) => `${disguise}ao ${words} </dev/null >/dev/null 2>&1; echo $?`);
    const { stdout = "" } = await box.asAgent("app-1", lines.join("; "));
    const statuses = stdout.trim().split("\n");
    expect(statuses).toHaveLength(commands.length);
    for (const [at, status] of statuses.entries()) {
      if (status !== "73") failed.push(`${disguise}ao ${commands[at]}: ${status}`);
    }
  }
  expect(failed).toEqual([]);
  const one = await box.asAgent("app-1", "ao merge app-1 --yes --json");
  expect(JSON.parse(one.stdout ?? "").error).toMatchObject({ code: "NOT_PERMITTED" });

  const sessions = await box.json<SessionView[]>("status", "--all");
  // The one that has waited longest comes first.
  expect(sessions.map(({ id, pid }) => [id, pid !== null]).sort()).toEqual([
    ["app-1", true],
    ["app-2", true],
  ]);
  expect(sessions[0]?.pr?.review).not.toBe("approved");
  expect(readFileSync(configFile, "utf8")).toBe(before);

  expect(await box.asAgent("app-1", "ao show app-1 --json")).toMatchObject({ status: 0 });
  expect(await box.asAgent("app-1", "ao pr create --title mine --json")).toMatchObject({ status: 0 });
  expect(await box.asAgent("app-1", "ao report needs_input --note 'which one?'")).toMatchObject({ status: 0 });
  const waiting = await box.get("wait", { session: "app-1", until: ["needs_input"], timeoutMs: 10_000 });
  expect(waiting.attention?.reason).toContain("which one?");
});

it("a copy of the config in a session's worktree is never an instance", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  box.repo.commit("config in the repository");
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  const worktree = (await box.ao("path", "app-1")).stdout.trim();
  const copy = join(worktree, "agent-orchestrator.yaml");
  writeFileSync(copy, readFileSync(copy, "utf8").replace("projects:\n  app:", "projects:\n  evil:"));
  const own = join(box.repo.path, "agent-orchestrator.yaml");
  for (const args of [["--config", copy], []]) {
    const shown = await box.aoWith({ cwd: worktree }, "config", "show", "--json", ...args);
    expect(JSON.parse(shown.stdout).data.path, shown.stdout).toBe(own);
  }
  const spawned = await box.aoWith({ cwd: worktree }, "spawn", "evil", "2");
  expect(spawned.status).not.toBe(0);
  expect(Object.keys(box.home)).not.toContain("evil");
});

import { appendFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { crcHex } from "@agent-orchestrator/core/store/crc";
import { layoutOf } from "@agent-orchestrator/core/store/layout";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const layout = () => layoutOf(box.home);
const received = () => box.agentEvents().filter(({ event }) => event === "message");
const starts = () => box.agentEvents().filter(({ event }) => event === "start").length;

it("an agent that lives on when log and checkpoint are gone is found again, told of, and reached", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  expect((await box.ao("spawn", "app", "1")).status).toBe(0);
  await waitFor(() => starts() === 1, { what: "the agent's start" });
  await box.kill9();
  rmSync(layout().events, { recursive: true });
  rmSync(layout().checkpoint, { force: true });
  rmSync(layout().previousCheckpoint, { force: true });
  const status = await box.ao("status", "--json");
  expect(JSON.parse(status.stdout).data.map(({ id, branch }: { id: string; branch: string }) => [id, branch])).toEqual([
    ["app-1", "feat/1"],
  ]);
  expect((await box.ao("show", "app-1")).stdout).toMatch(/rebuilt from its metadata/);
  expect((await box.ao("doctor")).stdout).toMatch(/session app-1 was rebuilt from its metadata/);
  await box.ao("trust");
  const sent = await box.ao("send", "app-1", "are you there?");
  expect([sent.status, sent.stderr]).toEqual([0, ""]);
  await waitFor(() => received().some(({ text }) => text === "are you there?"), { what: "the message" });
  expect(starts()).toBe(1);
  const next = await box.ao("spawn", "app", "2", "--json");
  expect(JSON.parse(next.stdout).data[0].id).toBe("app-2");
});

it("after `ao trust`, a session that was rebuilt has its pull request again at once, and doctor names `ao trust` until then", async () => {
  box = new Sandbox({ agentArgs: ["--idle"], project: "    scm: { plugin: local, requiredReviews: 0 }" });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  await box.asAgent("app-1", "echo work > work.txt; git add work.txt; git commit -qm work; ao pr create");
  await box.kill9();
  rmSync(layout().events, { recursive: true });
  rmSync(layout().checkpoint, { force: true });
  rmSync(layout().previousCheckpoint, { force: true });
  const { stdout } = await box.ao("doctor");
  expect(stdout).toMatch(/checkout: app-1: .* is not trusted yet.*\n +→ Read it, then run `ao trust`\.\n/);
  expect(stdout).not.toContain("ao forget");
  await box.ao("trust");
  await waitFor(async () => (await box.get("show", { session: "app-1" })).pr?.number === 1, {
    timeoutMs: 10_000,
    what: "its pull request",
  });
});

it("a line that another program writes into the log of a running daemon is told, and costs no session", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  const log = join(layout().events, readdirSync(layout().events)[0] ?? "");
  const body =
    '{"seq":100000,"id":"x","ts":"2026-01-01T00:00:00.000Z","type":"ao.session.gone","sessionId":"app-1","epoch":1';
  appendFileSync(log, `${body},"c":"${crcHex(Buffer.from(body))}"}\n`);
  expect((await box.ao("spawn", "app", "1")).status).toBe(0);
  expect((await box.ao("doctor")).stdout).toMatch(/bytes that ao did not write/);
  await box.kill9();
  const status = await box.ao("status", "--json");
  expect(JSON.parse(status.stdout).data.map(({ id }: { id: string }) => id)).toEqual(["app-1"]);
  expect((await box.ao("doctor")).stdout).toMatch(/were not written by ao and don't count/);
});

it("doctor names checkouts and programs that belong to no session", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  expect((await box.ao("spawn", "app", "1", "2")).status).toBe(0);
  await box.kill9();
  rmSync(layout().events, { recursive: true });
  rmSync(layout().checkpoint, { force: true });
  rmSync(layout().previousCheckpoint, { force: true });
  const project = readdirSync(box.home).find((name) => name.endsWith("-app")) ?? "";
  rmSync(join(box.home, project, "sessions", "app-2"));
  const refused = await box.ao("status");
  expect(refused.status).toBe(73);
  expect(refused.stderr).toMatch(/the event log is gone.*app-2/);
  renameSync(join(box.home, project, "worktrees", "app-2"), join(box.dir, "app-2"));
  expect((await box.ao("status")).status).toBe(0);
  renameSync(join(box.dir, "app-2"), join(box.home, project, "worktrees", "app-2"));
  const { stdout } = await box.ao("doctor");
  expect(stdout).toMatch(/worktrees\/app-2: a checkout of a session that ao/);
  expect(stdout).toMatch(/tmux runs [0-9a-f]{12}-app-2, which belongs to no session/);
});

import { fileURLToPath } from "node:url";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { processesOf } from "./support/processes.ts";
import { Sandbox } from "./support/sandbox.ts";

const PER_TURN = fileURLToPath(new URL("./support/per-turn-agent.mjs", import.meta.url));

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const starts = (id: string) =>
  box.agentEvents().filter(({ event, session }) => event === "start" && session === id).length;
const messages = (id: string) =>
  box.agentEvents().filter(({ event, session }) => event === "message" && session === id);
const until = (session: string, ...statuses: string[]) =>
  box.get("wait", { session, until: statuses, timeoutMs: 20_000 });
const show = (session: string) => box.json<SessionView>("show", session);

it("reports how an agent ended that dies, exits without work, leaves work behind or fails, and restores each", async () => {
  const CI = `    scm: { plugin: local, ci: [{ name: ok, run: "true" }] }`;
  box = new Sandbox({ agentArgs: ["--idle", "--own-file"], issues: 5, project: CI });
  await box.ao("trust");
  expect((await box.ao("spawn", "app", "1", "2", "3", "4", "5")).status).toBe(0);
  await waitFor(() => [1, 2, 3, 4, 5].every((n) => starts(`app-${n}`) === 1));

  process.kill((await show("app-1")).pid ?? 0, "SIGKILL");
  await box.ao("send", "app-2", "exit 0", "--no-wait");
  await box.asAgent("app-3", "echo unfinished > half.txt");
  await box.ao("send", "app-3", "exit 0", "--no-wait");
  await box.ao("send", "app-4", "exit 1", "--no-wait");
  await box.ao("send", "app-5", "do something");
  await until("app-5", "review_pending");
  await box.ao("send", "app-5", "exit 3", "--no-wait");

  expect((await until("app-1", "errored")).attention?.reason).toMatch(/SIGKILL|signal 9|killed/);
  expect((await until("app-2", "done")).attention?.reason).toContain("ended without a result");
  expect((await until("app-3", "stuck")).attention?.level).toBe("urgent");
  expect((await until("app-4", "errored")).attention?.reason).toContain("1");
  await waitFor(async () => (await show("app-5")).pid === null, { what: "the end of app-5's agent" });
  expect((await show("app-5")).status).toBe("review_pending");
  const shown = await box.json<SessionView[]>("status");
  expect(shown.map(({ id }) => id).sort()).toEqual(["app-1", "app-2", "app-3", "app-4", "app-5"]);
  expect(shown.filter(({ id }) => id !== "app-5").map(({ group }) => group)).toEqual([
    "needs-you",
    "needs-you",
    "needs-you",
    "needs-you",
  ]);
  expect((await box.ao("explain", "app-2")).stdout).toMatch(/needs you +it ended without a result: “/);
  expect((await box.json<SessionView[]>("status")).map(({ id }) => id)).not.toContain("app-2");

  const refused = await box.ao("send", "app-2", "are you there?");
  expect(refused.status).toBe(73);
  expect(refused.stderr).toContain("ao restore app-2");
  const sent = await box.ao("send", "app-4", "once more, please");
  expect(sent.status, sent.stderr).toBe(0);
  await waitFor(() => messages("app-4").some(({ text }) => text === "once more, please"));
  expect(starts("app-4")).toBe(2);
  for (const id of ["app-1", "app-2", "app-3", "app-5"]) {
    const restored = await box.ao("restore", id);
    expect(restored.status, `${id}: ${restored.stderr}`).toBe(0);
    await waitFor(() => starts(id) === 2, { what: `${id} again` });
    expect((await show(id)).pid).not.toBeNull();
  }
  expect((await show("app-1")).status).toBe("working");
  expect(messages("app-4").filter(({ text }) => text === "once more, please")).toHaveLength(1);
});

it.each(["tmux", "process"] as const)(
  "an agent of one run per turn goes through the whole loop on %s",
  async (runtime) => {
    const node = JSON.stringify(process.execPath);
    box = new Sandbox({
      runtime,
      agentConfig: `{ command: [${node}, ${JSON.stringify(PER_TURN)}], lifetime: per-turn, resume: [${node}, ${JSON.stringify(PER_TURN)}, "{messageFile}"] }`,
      project: `    scm: { plugin: local, ci: [{ name: lines, run: 'test ! -f work.txt || test "$(wc -l < work.txt)" -ge 2' }] }`,
    });
    await box.ao("trust");
    expect((await box.ao("spawn", "app", "1")).status).toBe(0);
    await waitFor(() => messages("app-1").length === 1, { timeoutMs: 20_000, what: "the red check as a turn" });
    await until("app-1", "review_pending");
    const between = await show("app-1");
    expect(between.activity?.state).toBe("ready");
    await box.ao("review", "app-1", "--request-changes", "-m", "Say more.");
    await waitFor(() => messages("app-1").length === 2, { timeoutMs: 20_000, what: "the review as a turn" });
    expect(messages("app-1")[1]?.text).toContain("Say more.");
    const head = () => box.repo.git("rev-list", "--count", "main..feat/1").trim();
    await waitFor(async () => head() === "3" && (await show("app-1")).pr?.ci === "passing", { timeoutMs: 20_000 });
    expect((await box.ao("send", "app-1", "exit 0")).status).toBe(0);
    expect((await box.ao("review", "app-1", "--approve")).status).toBe(0);
    await until("app-1", "mergeable");
    const merged = await box.ao("merge", "app-1", "--yes");
    expect(merged.status, merged.stderr).toBe(0);
    expect(starts("app-1")).toBe(1);
  },
);

it("`ao kill` ends the agent and everything that it started, including what left its process tree", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  await box.asAgent(
    "app-1",
    "exec >/dev/null 2>&1; sleep 1000 & (setsid sleep 1001 &) ; (setsid sh -c 'trap \"\" TERM HUP; sleep 1002; sleep 1003' &)",
  );
  const mine = () => processesOf(box.home).filter(({ argv }) => argv[0] === "sleep" || argv[0] === "sh");
  await waitFor(() => mine().length >= 4);
  const killed = await box.ao("kill", "app-1");
  expect(killed.status, killed.stderr).toBe(0);
  expect(mine().map(({ argv }) => argv.join(" "))).toEqual([]);
  expect((await show("app-1")).status).toBe("killed");
  expect(await box.json("status")).toEqual([]);
});

it("interrupts with the agent's own keys, and waits for statuses", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1", "2");
  await waitFor(() => starts("app-1") === 1 && starts("app-2") === 1);
  expect((await box.ao("send", "app-1", "hello")).status).toBe(0);
  expect((await box.ao("interrupt", "app-1")).status).toBe(0);
  await waitFor(() => box.agentEvents().some(({ event }) => event === "interrupt"));
  expect((await box.ao("wait", "app-2", "--until", "working,mergeable")).status).toBe(0);
  const waiting = box.ao("wait", "app-2", "--until", "merged", "--timeout", "20s");
  await box.ao("kill", "app-2");
  expect((await waiting).status).toBe(1);
  expect((await box.ao("wait", "app-2", "--until", "killed")).status).toBe(0);
});

it("shows what an idle program's screen reads like, as a guess that decides nothing", async () => {
  const line = "401 Unauthorized: invalid api key";
  const fails = `{ command: sh, args: [-c, "echo '${line}'; printf '> '; sleep 100"], quietMs: 500 }`;
  box = new Sandbox({ agentConfig: fails, project: "    scm: { plugin: local }" });
  await box.ao("trust");
  expect(await box.ao("spawn", "app", "1")).toMatchObject({ status: 0 });
  await waitFor(async () => (await show("app-1")).activity?.guess === line, { timeoutMs: 20_000, what: "the guess" });
  const view = await show("app-1");
  expect([view.status, view.group, view.attention]).toEqual(["working", "waiting", null]);
  const words = (await box.ao("status")).stdout.replace(/\s+/g, " ");
  expect(words).toContain(`the end of its screen reads like a failure: “${line}”`);
  expect((await box.ao("explain", "app-1")).stdout).toContain(
    `end of its screen, a guess: reads like a failure: “${line}”`,
  );
});

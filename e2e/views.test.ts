import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { afterEach, expect, it } from "vitest";
import type { ParamsOf, RequestName } from "../packages/daemon/src/requests.ts";
import { AGENT, Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

/** `sessions/app-1` and the contents of `sessions/archive` by the session's id, as they are now. */
function views(): Record<string, { folder: string; entries: Record<string, string> }> {
  const [project] = readdirSync(box.home).filter((name) => /^[0-9a-f]{12}-app$/.test(name));
  const read = (folder: string) => {
    const dir = join(box.home, project ?? "", folder);
    return namesIn(dir).map((name) => {
      const lines = readFileSync(join(dir, name), "utf8").split("\n");
      const pairs = lines.filter((line) => /^\w+=/.test(line)).map((line) => line.split(/=(.*)/s).slice(0, 2));
      return [
        name.split("_")[0] ?? "",
        { folder, entries: Object.fromEntries(pairs) as Record<string, string> },
      ] as const;
    });
  };
  return Object.fromEntries([...read("sessions/archive"), ...read("sessions")]);
}

function namesIn(dir: string): string[] {
  try {
    const entries = readdirSync(dir, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile() && !entry.name.startsWith(".")).map(({ name }) => name);
  } catch {
    return []; // nothing has been archived yet
  }
}

/** Sends a request, and reads the files before anything else can happen. */
async function after<N extends RequestName>(name: N, params: ParamsOf<N>) {
  const outcome = await box.ask(name, params);
  const files = views();
  return { outcome, files };
}

const isView = (data: unknown): data is SessionView => typeof data === "object" && data !== null && "status" in data;

const node = JSON.stringify(process.execPath);
const TOP = `agents: { other: { plugin: command, command: ${node}, args: ["${AGENT}", "--idle"] } }`;

it("has written the metadata files by the time a changing request is answered", async () => {
  box = new Sandbox({ agentArgs: ["--idle"], top: TOP, project: "    scm: { plugin: local }" });
  await box.start();
  await box.trust();
  const expected = async <N extends RequestName>(name: N, params: ParamsOf<N>, wanted: Record<string, object>) => {
    const { outcome, files } = await after(name, params);
    expect(outcome, name).toMatchObject({ ok: true });
    expect(files, name).toMatchObject(wanted);
    const data = outcome.ok ? (outcome.data as unknown) : [];
    for (const view of (Array.isArray(data) ? data : [data]).filter(isView)) {
      const { id, status, branch, agent, isArchived, pr } = view;
      const entries = { status, branch, agent, ...(pr === null ? {} : { pr: `${pr.number}` }) };
      expect(files[id], `${name} ${id}`).toMatchObject({
        folder: isArchived ? "sessions/archive" : "sessions",
        entries,
      });
    }
  };
  const live = (entries: Record<string, unknown>) => ({ folder: "sessions", entries });
  await expected(
    "spawn",
    { words: ["app", "1"] },
    { "app-1": live({ tmuxName: expect.stringMatching(/.+/), issue: "1" }) },
  );
  await expected(
    "spawn",
    { words: ["app", "2", "3"] },
    { "app-2": live({ issue: "2" }), "app-3": live({ issue: "3" }) },
  );
  await expected("set", { session: "app-1", key: "reviewer", value: "ana" }, { "app-1": live({ reviewer: "ana" }) });
  await expected("set", { session: "app-1", key: "reviewer", value: null }, {});
  expect(views()["app-1"]?.entries).not.toHaveProperty("reviewer");
  await expected("handoff", { session: "app-2", agent: "other" }, { "app-2": live({ agent: "other" }) });
  await expected("report", { session: "app-3", state: "needs_input" }, { "app-3": live({ status: "needs_input" }) });
  await expected("interrupt", { sessions: ["app-2"] }, { "app-2": live({ agent: "other" }) });
  await box.asAgent("app-1", "echo work > work.txt; git add work.txt; git commit -qm work");
  await expected("pr-create", { session: "app-1" }, { "app-1": live({ pr: "1" }) });
  await expected(
    "wait",
    { session: "app-1", until: ["review_pending"], timeoutMs: 30_000 },
    { "app-1": live({ status: "review_pending" }) },
  );
  await expected("review", { session: "app-1", state: "approved" }, {});
  await expected(
    "wait",
    { session: "app-1", until: ["mergeable"], timeoutMs: 30_000 },
    { "app-1": live({ status: "mergeable" }) },
  );
  await expected("merge", { session: "app-1", isConfirmed: true }, { "app-1": live({ status: "merged" }) });
  await expected(
    "kill",
    { sessions: ["app-2", "app-3"] },
    { "app-2": live({ status: "killed" }), "app-3": live({ status: "killed" }) },
  );
  await expected("restore", { session: "app-2" }, { "app-2": live({ status: "working" }) });
  await expected(
    "kill",
    { sessions: ["app-2"], remove: true, isConfirmed: true },
    { "app-2": { folder: "sessions/archive", entries: { status: "killed" } } },
  );
  expect(
    namesIn(join(box.home, readdirSync(box.home).find((name) => name.endsWith("-app")) ?? "", "sessions")),
  ).not.toContain("app-2");
  await expected("restore", { session: "app-2" }, { "app-2": live({ status: "working" }) });
  await expected("stop", { sessions: true, isConfirmed: true }, { "app-2": live({ status: "killed" }) });
});

it("has written them by the time a request is refused because of its outcome", async () => {
  const project = "    postCreate: [exit 3]\n    scm: { plugin: local }";
  box = new Sandbox({ agentArgs: ["--idle"], project });
  await box.start();
  await box.trust();
  const { outcome, files } = await after("spawn", { words: ["app", "1"] });
  expect(outcome).toMatchObject({ ok: false });
  expect(files).toMatchObject({ "app-1": { entries: { status: "errored" } } });
});

import { join } from "node:path";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { makeTempDir, removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fakeDaemon, WithMeta } from "./testing/fake-daemon.ts";
import { buildAo, runAo } from "./testing/run-ao.ts";
import { META, NOW, view } from "./testing/views.ts";

const bundle = makeTempDir("ao-cli");
let ao = "";
beforeAll(async () => {
  ao = await buildAo(bundle);
});
afterAll(() => removeDir(bundle));

const OLD = "2020-01-02T03:04:05.000Z";
const golden = (name: string) => join(import.meta.dirname, "fixtures", name);
/** Ages depend on when the test runs. */
const ageless = (text: string) => text.replace(/\b\d{3,5} d\b/g, "999 d");

const at = { createdAt: OLD, lastActivityAt: OLD };
const attention = (level: "urgent" | "action", reason: string, hint: string) => ({ level, reason, hint, since: OLD });
const pr = {
  number: 7,
  url: "file:///pr/7",
  state: "open",
  headSha: "0123456789abcdef",
  baseBranch: "main",
  hasConflicts: false,
  asOf: null,
  mergeable: true,
} as const;

const SESSIONS = [
  view({
    ...at,
    id: "app-1",
    status: "needs_input",
    group: "needs-you",
    attention: attention("urgent", "asks: May I run `rm -r build`?", "ao attach app-1"),
  }),
  view({
    ...at,
    id: "app-2",
    status: "mergeable",
    group: "ready-to-merge",
    statusSince: OLD,
    attention: attention("action", "ready to merge 0123456", "ao merge app-2"),
    issue: { id: "43", title: "日本語のタイトル with wide characters", url: "" },
    pr: { ...pr, ci: "passing", review: "approved" },
  }),
  view({
    ...at,
    id: "longprefix-12",
    issue: {
      id: "44",
      title: "A very long title that will not fit into a narrow terminal, whatever is tried to make it fit",
      url: "",
    },
  }),
  view({
    ...at,
    id: "app-4",
    status: "review_pending",
    group: "waiting",
    isPaused: true,
    statusSince: OLD,
    next: "ao resume app-4",
    pr: { ...pr, number: 8, ci: "pending", review: "pending" },
  }),
  view({
    ...at,
    id: "app-5",
    status: "queued",
    group: "queued",
    issue: null,
    summary: "upgrade the linter",
    queuedFor: "10 of 10 agents are working",
  }),
];
const NOTICES = [
  { level: "error", text: "no notification can reach you (desktop: none)", hint: "Keep `ao status --watch` open." },
  { level: "warning", text: "my-app is paused" },
  {
    ...{ level: "warning", text: "2 messages to app-1 are held because there is an unfinished draft in its terminal" },
    hint: "Run `ao attach app-1`, then send or clear the draft.",
  },
];

describe("the output", () => {
  it.each([40, 72, 100, 160])("ao status in %i columns", async (columns) => {
    const home = tempDir();
    await fakeDaemon(home, { status: () => new WithMeta(SESSIONS, { ...META, notices: NOTICES }) });
    const { stdout } = await runAo(["status"], { home, ao, env: { COLUMNS: String(columns) } });
    for (const line of stdout.split("\n")) expect([...line].length, line).toBeLessThanOrEqual(columns);
    await expect(ageless(stdout)).toMatchFileSnapshot(golden(`status-${columns}.txt`));
  });

  it("ao status has one row for sessions with the same question, and says which agents never ask", async () => {
    const home = tempDir();
    const question: SessionView["question"] = {
      dialogId: "d1",
      kind: "permission",
      text: "May I run `rm -r build`?",
      choices: ["Yes", "No"],
      takesText: false,
      canAlways: true,
      onlyInTerminal: null,
    };
    const reason = "asks: May I run `rm -r build`? [1 Yes · 2 No]";
    const asking = { status: "needs_input", group: "needs-you", ...at } as const;
    const same = (id: string, more: object = {}) =>
      view({ ...asking, id, question, attention: attention("urgent", reason, `ao answer ${id}`), ...more });
    const other = { ...(question as object), text: "May I push?" };
    const sessions = [
      same("app-1"),
      same("app-2", { question: { ...(question as object), dialogId: "d2" } }),
      same("app-3", { question: other }),
      view({ ...at, id: "app-4", permissions: "skip" }),
    ];
    await fakeDaemon(home, { status: () => new WithMeta(sessions, META) });
    const { stdout } = await runAo(["status"], { home, ao, env: { COLUMNS: "160" } });
    await expect(ageless(stdout)).toMatchFileSnapshot(golden("status-same-question.txt"));
  });

  it("ao status without sessions says how to begin", async () => {
    const home = tempDir();
    await fakeDaemon(home, { status: () => new WithMeta([], META) });
    const { stdout } = await runAo(["status"], { home, ao });
    await expect(stdout).toMatchFileSnapshot(golden("status-empty.txt"));
  });

  it("ao status ends with today's cost, and says which price is missing", async () => {
    const home = tempDir();
    const kinds = { input: 1_200_000, output: 100_000, cacheRead: 9_000_000, cacheWrite: 0 };
    const cost = {
      usd: 4.123 as number | null,
      knownUsd: 4.123,
      tokens: 1_300_000,
      kinds,
      unpriced: [] as string[],
      sessions: 3,
    };
    const odd = { ...cost, usd: null, unpriced: ["odd-1"] };
    const project = { projectId: "my-app", instanceId: "0123456789ab", total: cost, today: { ...odd, sessions: 1 } };
    let spending = { day: "2026-01-02", today: cost, projects: [project] };
    await fakeDaemon(home, { status: () => new WithMeta(SESSIONS.slice(0, 1), { ...META, cost: spending }) });
    const last = async (...words: string[]) =>
      (await runAo(["status", ...words], { home, ao })).stdout.split("\n").at(-2);
    expect(await last()).toBe("today: $4.12 · 1.3 M tokens (3 sessions)");
    expect(await last("my-app")).toBe("today: at least $4.12 · 1.3 M tokens (1 session; no price for odd-1)");
    spending = { ...spending, today: { ...odd, knownUsd: 0 } };
    expect(await last()).toBe("today: 1.3 M tokens (3 sessions; no price for odd-1)");
    spending = { ...spending, today: { ...cost, knownUsd: 0, usd: 0, tokens: 0, sessions: 0 } };
    expect(await last()).not.toContain("today");
  });

  it("ao status distinguishes sessions that wait for their vendor", async () => {
    const home = tempDir();
    const limited = view({
      ...at,
      group: "waiting",
      activity: { state: "limited", since: OLD, source: "hook", resetsAt: NOW },
      attention: {
        level: "info",
        reason: "usage limit of codex until 14:05",
        hint: "ao handoff app-1 --agent …",
        since: OLD,
      },
    });
    await fakeDaemon(home, { status: () => new WithMeta([limited], META) });
    const { stdout } = await runAo(["status"], { home, ao, env: { COLUMNS: "160" } });
    expect(stdout).toContain("working (limited)");
    expect(stdout).toContain("ao handoff app-1 --agent … · usage limit of codex until 14:05");
  });

  it("ao status --line is one short line, or none", async () => {
    const home = tempDir();
    await fakeDaemon(home, { status: () => new WithMeta(SESSIONS, META) });
    const { stdout } = await runAo(["status", "--line"], { home, ao });
    expect(stdout).toBe("ao: 1 needs you, 1 ready to merge, 1 working, 1 waiting, 1 queued\n");
  });

  it("ao status --json is the array, and the notices are in meta", async () => {
    const home = tempDir();
    await fakeDaemon(home, { status: () => new WithMeta(SESSIONS, { ...META, notices: NOTICES }) });
    const { stdout } = await runAo(["--json", "status"], { home, ao });
    expect(JSON.parse(stdout)).toEqual({ data: SESSIONS, meta: { ...META, notices: NOTICES } });
    expect(stdout.trim().split("\n")).toHaveLength(1);
  });

  it("ao show", async () => {
    const home = tempDir();
    const messages = [
      { id: "m1", origin: "user", state: "held", heldFor: "asking", text: "go on", createdAt: OLD, failure: null },
    ] as const;
    const shown = {
      ...SESSIONS[1],
      messages,
      notes: ["from origin/main 1a2b3c"],
      cost: {
        ...{ usd: null, knownUsd: 1.5, tokens: 120_000, model: "big-1", unpriced: ["odd-1"], models: [] },
        kinds: { input: 100_000, output: 20_000, cacheRead: 3_000_000, cacheWrite: 0 },
      },
      lastOutput: "\u001b[31m> \u001b[0mworking\nline two\n",
    };
    await fakeDaemon(home, { show: () => shown });
    const { stdout } = await runAo(["show", "app-2"], { home, ao });
    await expect(ageless(stdout)).toMatchFileSnapshot(golden("show.txt"));
  });

  it("ao show has the question with its numbered choices", async () => {
    const home = tempDir();
    const question = {
      dialogId: "d1",
      kind: "permission",
      text: "Bash command\n  rm -r build\nDo you want to proceed?",
      choices: ["Yes", "Yes, and don't ask again", "No, and say what to do instead"],
      takesText: true,
      canAlways: true,
      onlyInTerminal: null,
    };
    await fakeDaemon(home, { show: () => ({ ...SESSIONS[0], question, permissions: "edits" }) });
    const { stdout } = await runAo(["show", "app-1"], { home, ao });
    await expect(ageless(stdout)).toMatchFileSnapshot(golden("show-question.txt"));
  });

  it("ao show --prompt prints each part that was given, under its name", async () => {
    const home = tempDir();
    const prompt = [
      { part: "instructions", launch: null, text: "How to work.\n" },
      { part: "first message", launch: 1, text: "> the issue\n\nYour task: resolve it.\n" },
      { part: "handoff", launch: 3, text: "You take over.\n" },
    ];
    await fakeDaemon(home, { show: () => ({ ...SESSIONS[0], prompt }) });
    const { stdout } = await runAo(["show", "app-1", "--prompt"], { home, ao });
    await expect(stdout).toMatchFileSnapshot(golden("show-prompt.txt"));
  });

  it("ao explain", async () => {
    const home = tempDir();
    const explanation = {
      session: view({
        status: "ci_failed",
        attention: attention("action", "it is idle without a result: “no key”", "ao show app-1"),
      }),
      facts: [
        { text: "test failed on 0123456", source: "scm", at: NOW, ageMs: 90_000 },
        { text: "the agent is idle", source: "output", at: NOW, ageMs: null },
      ],
      rule: { status: "ci_failed", text: "a required check fails on the head", since: NOW },
      reactions: [{ key: "ci-failed", state: "held", text: "a human typed 2m ago", at: NOW }],
      pending: ["deliver message m1"],
    };
    await fakeDaemon(home, { explain: () => explanation });
    const { stdout } = await runAo(["explain", "app-1"], { home, ao });
    await expect(stdout).toMatchFileSnapshot(golden("explain.txt"));
  });

  it("ao spawn says where each agent works and what waits", async () => {
    const home = tempDir();
    const runs = view({ baseNote: "from main 1a2b3c", notes: ["your main has 3 unpushed commits"] });
    const waits = view({ id: "app-2", status: "queued", issue: null, queuedFor: "10 of 10 agents are working" });
    await fakeDaemon(home, { spawn: () => [runs, waits] });
    const { stdout } = await runAo(["spawn", "42", "43"], { home, ao });
    await expect(stdout).toMatchFileSnapshot(golden("spawn.txt"));
  });

  it.each(["bash", "zsh", "fish"])("ao completion %s", async (shell) => {
    const { stdout } = await runAo(["completion", shell], { home: tempDir(), ao });
    await expect(stdout).toMatchFileSnapshot(golden(`completion.${shell}`));
  });
});

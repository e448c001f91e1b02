import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTempDir, removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fakeDaemon, Refusal } from "./testing/fake-daemon.ts";
import { buildAo, type RunOptions, runAo } from "./testing/run-ao.ts";

const bundle = makeTempDir("ao-cli");
let ao = "";
beforeAll(async () => {
  ao = await buildAo(bundle);
});
afterAll(() => removeDir(bundle));

const at = (home: string, more: Partial<RunOptions> = {}): RunOptions => ({ home, ao, ...more });

describe("parameters", () => {
  it.each([
    [
      ["spawn", "app", "#42", "--agent", "codex", "--again"],
      "spawn",
      { words: ["app", "#42"], agent: "codex", isAgain: true },
    ],
    [["spawn", "--prompt", "-"], "spawn", { words: [], prompt: "from stdin" }],
    [["send", "app-1", "two", "words"], "send", { session: "app-1", text: "two words", isWaiting: true }],
    [
      ["send", "app-1", "-", "--now", "--no-wait", "--timeout", "2m"],
      "send",
      { session: "app-1", text: "from stdin", isUrgent: true, isWaiting: false, timeoutMs: 120_000 },
    ],
    [["send", "app-1", "--file", "note.md"], "send", { session: "app-1", text: "a note", isWaiting: true }],
    [["send", "app-1", "--", "--yes"], "send", { session: "app-1", text: "--yes", isWaiting: true }],
    [
      ["kill", "app-1", "app-2", "--rm", "--yes"],
      "kill",
      { sessions: ["app-1", "app-2"], remove: true, isConfirmed: true },
    ],
    [["answer", "app-1", "1"], "answer", { session: "app-1", words: "1" }],
    [
      ["answer", "app-1", "--text", "--always", "no,", "wait"],
      "answer",
      { session: "app-1", words: "no, wait", isText: true, isAlways: true },
    ],
    [["pause", "my-app"], "pause", { target: "my-app", isPaused: true }],
    [["resume"], "pause", { isPaused: false }],
    [["set", "app-1", "a=b=c"], "set", { session: "app-1", key: "a", value: "b=c" }],
    [["set", "app-1", "a="], "set", { session: "app-1", key: "a", value: null }],
    [["review", "app-1", "--approve"], "review", { session: "app-1", state: "approved" }],
    [
      ["review", "app-1", "--request-changes", "-m", "no", "--at", "a/b.ts:12=why: this", "--at", "c.ts:3"],
      "review",
      {
        session: "app-1",
        state: "changes_requested",
        body: "no",
        comments: [
          { path: "a/b.ts", line: 12, body: "why: this" },
          { path: "c.ts", line: 3, body: "no" },
        ],
      },
    ],
    [
      ["merge", "app-1", "--method", "squash", "-y"],
      "merge",
      { session: "app-1", method: "squash", isConfirmed: true },
    ],
    [["cleanup", "--dry-run"], "cleanup", { isDryRun: true }],
    [
      ["wait", "app-1", "--until", "merged,done", "--timeout", "10m"],
      "wait",
      { session: "app-1", until: ["merged", "done"], timeoutMs: 600_000 },
    ],
    [["pr", "create", "-t", "Title", "-b", "-"], "pr-create", { title: "Title", body: "from stdin" }],
    [
      ["report", "blocked", "-n", "why", "--session", "app-2"],
      "report",
      { state: "blocked", note: "why", session: "app-2" },
    ],
    [["events", "app-1", "-n", "5", "--all"], "events", { session: "app-1", limit: 5, all: true }],
    [["open", "all"], "open", { target: "all" }],
    [["notify", "test", "slack"], "notify-test", { channel: "slack" }],
    [["show", "#42", "--prompt"], "show", { session: "#42", prompt: true, isLook: true }],
  ] as const)("%j asks %s", async (words, name, params) => {
    const home = tempDir();
    writeFileSync(join(home, "note.md"), "a note");
    const daemon = await fakeDaemon(home, { [name]: () => new Refusal({ code: "FAILED", message: "seen" }) });
    await runAo(words, at(home, { input: "from stdin" }));
    expect(daemon.of(name)[0]?.params).toEqual(params);
  });

  it.each([
    [["wait", "app-1"]],
    [["wait", "app-1", "--until", "merged", "--timeout", "soon"]],
    [["review", "app-1"]],
    [["review", "app-1", "--approve", "--comment"]],
    [["review", "app-1", "--request-changes"]],
    [["review", "app-1", "--comment", "--at", ":3"]],
    [["set", "app-1", "novalue"]],
    [["send", "app-1"]],
    [["send", "app-1", "text", "--file", "x"]],
    [["send", "app-1", " "]],
    [["spawn", "--prompt", " "]],
    [["spawn", "-e"]],
    [["report", "sleeping"]],
    [["exec", "app-1"]],
    [["merge", "app-1", "--method", "force"]],
    [["events", "-n", "many"]],
    [["completion", "csh"]],
  ])("%j is a usage error before anything is asked", async (words) => {
    const home = tempDir();
    const daemon = await fakeDaemon(home, {});
    const { status, stderr } = await runAo(words, at(home));
    expect(status).toBe(64);
    expect(stderr).toMatch(/^ao: .+\n( {2}hint: .+\n)?$/);
    expect(daemon.asked).toEqual([]);
  });
});

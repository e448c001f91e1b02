import { aRecord } from "@agent-orchestrator/testkit/records";
import { expect, it } from "vitest";
import { createEnvironments } from "./environments.ts";

const environments = (caller: Record<string, string> | null = null) =>
  createEnvironments({
    home: "/ao-home",
    binDir: "/ao-home/daemon/bin",
    own: { PATH: "/usr/bin:/bin", SHELL: "/bin/sh", HOME: "/nowhere" },
    outerMarks: () => new Set(["CLAUDECODE"]),
    callerEnv: () => caller,
    proofOf: () => "the proof",
    withheld: async () => ["SLACK_BOT_TOKEN"],
  });

it("gives an agent the caller's environment without marks, tmux's and our own, and without the tokens given to ao", async () => {
  const env = environments();
  const record = aRecord({ id: "app-1", ports: { first: 42_000, count: 2 } });
  env.remember("app-1", {
    PATH: "/opt/bin:/usr/bin",
    HOME: "/home/me",
    CLAUDECODE: "1",
    CLAUDE_CONFIG_DIR: "/home/me/.claude",
    TMUX: "/tmp/tmux-1000/default,1,0",
    AO_SESSION_ID: "other-7",
    AO_CONFIG_PATH: "/evil.yaml",
    SLACK_BOT_TOKEN: "xoxb-secret",
    GIT_DIR: ".git",
    GIT_INDEX_FILE: "/repo/.git/index",
    GIT_AUTHOR_NAME: "whoever commits",
    INIT_CWD: "/repo",
    PWD: "/repo",
    NODE_OPTIONS: "--inspect-brk",
    ANTHROPIC_API_KEY: "sk-mine",
    SSH_AUTH_SOCK: "/run/ssh",
  });
  const given = await env.forSession(record, { promptFile: "/p/prompt.md" });
  expect(given).toEqual({
    PATH: "/ao-home/daemon/bin:/opt/bin:/usr/bin",
    HOME: "/home/me",
    CLAUDE_CONFIG_DIR: "/home/me/.claude",
    ANTHROPIC_API_KEY: "sk-mine",
    SSH_AUTH_SOCK: "/run/ssh",
    AO_HOME: "/ao-home",
    AO_SESSION_ID: "app-1",
    AO_SESSION_PROOF: "the proof",
    AO_PROJECT_ID: record.projectId,
    AO_ISSUE_ID: record.task.issue?.id ?? "",
    AO_PROMPT_FILE: "/p/prompt.md",
    AO_PORT: "42000",
    AO_PORT_0: "42000",
    AO_PORT_1: "42001",
  });
});

it("uses the user's login shell for a session that has no caller's environment", async () => {
  const given = await environments().base("unknown-1");
  expect(given.HOME).toBe("/nowhere");
  expect(given.PATH).toContain("/bin");
});

it("predicts what a launch would start from: the caller's environment, or else the remembered one", async () => {
  const env = environments({ PATH: "/somebody/else" });
  env.remember("app-1", { PATH: "/remembered" });
  const callerEnv = { PATH: "/caller", SLACK_BOT_TOKEN: "xoxb-secret", CLAUDECODE: "1" };
  const of = { instanceId: "0123456789ab", sessionId: "app-1" };
  expect(await env.launching({ ...of, callerEnv })).toEqual({ PATH: "/ao-home/daemon/bin:/caller" });
  expect(await env.launching(of)).toEqual({ PATH: "/ao-home/daemon/bin:/remembered" });
});

it("gives programs around sessions the environment of the last command about their instance", async () => {
  const caller = { PATH: "/caller/bin", HOME: "/h", TMUX_PANE: "%1", GIT_DIR: "/g", SLACK_BOT_TOKEN: "xoxb-secret" };
  const around = await environments(caller).around("0123456789ab");
  expect(around()).toEqual({ PATH: "/caller/bin", HOME: "/h" });
});

import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import { startIdOf } from "@agent-orchestrator/plugin-kit/process";
import { launchConfig } from "@agent-orchestrator/testkit/contracts/agent";
import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { pluginSession } from "@agent-orchestrator/testkit/session";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import { create } from "../index.ts";
import { transcriptPath } from "./conversation.ts";
import { placesIn } from "./note.ts";

const home = () => {
  const dir = tempDir("ao-claude-home");
  return { dir, environment: { HOME: dir, PATH: process.env.PATH ?? "" } };
};
const launch = (more: Partial<AgentLaunchConfig> = {}) => launchConfig({ environment: home().environment, ...more });
const specOf = async (config: AgentLaunchConfig) => create().getLaunchSpec?.(config);
const settingsOf = (config: AgentLaunchConfig) =>
  JSON.parse(readFileSync(placesIn(config.sessionDir).settings, "utf8")) as {
    hooks: Record<string, unknown>;
    statusLine: { command: string; padding?: number };
    permissions: { allow: string[]; deny?: string[] };
    skipDangerousModePermissionPrompt?: boolean;
  };
const wordAfter = (argv: string[] | undefined, flag: string) => argv?.[(argv.indexOf(flag) ?? -2) + 1];

test("a first launch has our id, our settings, the mode, and instructions separate from the prompt", async () => {
  const instructions = { text: "how to work", file: "/s/instructions.md" };
  const config = launch({ instructions, agentConfig: { model: "opus", args: ["--effort", "high"] } });
  const spec = await specOf(config);
  expect(spec?.argv).toEqual([
    "claude",
    "--session-id",
    expect.stringMatching(/^[0-9a-f-]{36}$/),
    "--settings",
    placesIn(config.sessionDir).settings,
    "--permission-mode",
    "acceptEdits",
    "--append-system-prompt-file",
    "/s/instructions.md",
    "--model",
    "opus",
    "--effort",
    "high",
    "--",
    "Fix issue 42.",
  ]);
  expect(spec?.promptDelivered).toBe(true);
});

test.each([
  ["default", "default"],
  ["edits", "acceptEdits"],
  ["auto", "auto"],
  ["skip", "bypassPermissions"],
])("the mode %s is %s, and only skip accepts the warning", async (permissions, word) => {
  const config = launch({ agentConfig: { permissions } });
  expect(wordAfter((await specOf(config))?.argv, "--permission-mode")).toBe(word);
  expect(settingsOf(config).skipDangerousModePermissionPrompt).toBe(permissions === "skip" ? true : undefined);
});

test("our files are private and outside the checkout", async () => {
  const config = launch();
  await specOf(config);
  expect(statSync(placesIn(config.sessionDir).settings).mode & 0o777).toBe(0o600);
  expect(statSync(placesIn(config.sessionDir).drop).mode & 0o777).toBe(0o700);
  expect(existsSync(join(config.workspacePath, ".claude"))).toBe(false);
});

test("no hook runs on a tool call", async () => {
  const config = launch();
  await specOf(config);
  expect(Object.keys(settingsOf(config).hooks).filter((event) => /ToolUse/.test(event))).toEqual([]);
});

function write(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(value));
}

test("in a worktree the user's own local rules apply, and are only read", async () => {
  const config = launch({ agentConfig: { allow: ["npm test"] } });
  const local = join(config.projectConfig.path, ".claude", "settings.local.json");
  write(local, { permissions: { allow: ["Bash(make:*)"], deny: ["Read(.env)"] } });
  const before = readFileSync(local, "utf8");
  await specOf(config);
  const { permissions } = settingsOf(config);
  expect(permissions.allow).toEqual(expect.arrayContaining(["Bash(npm test:*)", "Bash(git commit:*)", "Bash(make:*)"]));
  expect(permissions.deny).toEqual(["Read(.env)"]);
  expect(readFileSync(local, "utf8")).toBe(before);
});

test("the user's own status line still works", async () => {
  const { dir, environment } = home();
  write(join(dir, ".claude", "settings.json"), {
    statusLine: { type: "command", command: "my-line # mine", padding: 0 },
  });
  const config = launch({ environment });
  await specOf(config);
  const { statusLine } = settingsOf(config);
  expect(statusLine.command).toContain("( my-line # mine\n)");
  expect(statusLine.padding).toBe(0);
});

test("a prompt that is too long for one argument is named by its file, and one that looks like a command is not run as one", async () => {
  const long = launch({ prompt: "x".repeat(200_000) });
  expect((await specOf(long))?.argv.at(-1)).toContain(long.promptFile);
  expect((await specOf(launch({ prompt: "/clear it all" })))?.argv.at(-1)).toBe("\\/clear it all");
});

/** A conversation as the program leaves it. */
function converse(
  environment: Record<string, string>,
  config: AgentLaunchConfig,
  { id, cwd = config.workspacePath }: { id: string; cwd?: string },
) {
  const path = transcriptPath(join(environment.HOME ?? "", ".claude"), cwd, id);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `{"type":"mode"}\n${JSON.stringify({ type: "user", sessionId: id, cwd })}\n`);
  return path;
}

test("a restore continues the same conversation, with the same flags and without a prompt", async () => {
  const { environment } = home();
  const config = launch({ environment });
  const id = wordAfter((await specOf(config))?.argv, "--session-id") ?? "";
  converse(environment, config, { id });
  const spec = await specOf({ ...config, launch: 2, resume: { agentSessionId: id, message: "go on" } });
  expect(spec?.argv.slice(0, 3)).toEqual(["claude", "--resume", id]);
  expect(spec?.argv).not.toContain("--");
  expect(wordAfter(spec?.argv, "--permission-mode")).toBe("acceptEdits");
});

test("a missing conversation is not continued, and a new one gets an unused id", async () => {
  const { environment } = home();
  const config = launch({ environment });
  const id = wordAfter((await specOf(config))?.argv, "--session-id") ?? "";
  const resume = { agentSessionId: id };
  expect(await specOf({ ...config, launch: 2, resume })).toBe(null);
  converse(environment, config, { id });
  expect(wordAfter((await specOf({ ...config, launch: 2 }))?.argv, "--session-id")).not.toBe(id);
});

test("another folder's conversation, and one that is open elsewhere, are refused with the reason", async () => {
  const { dir, environment } = home();
  const config = launch({ environment });
  const id = "11111111-2222-4333-8444-555555555501";
  const resume = { agentSessionId: id };
  converse(environment, config, { id, cwd: "/somewhere/else" });
  await expect(specOf({ ...config, resume })).rejects.toMatchObject({ code: "REFUSED", message: /another folder/ });
  const other = launch({ environment });
  const open = "11111111-2222-4333-8444-555555555502";
  converse(environment, other, { id: open });
  const status = { pid: process.pid, sessionId: open, procStart: /:(\d+)$/.exec(startIdOf(process.pid) ?? "")?.[1] };
  write(join(dir, ".claude", "sessions", `${process.pid}.json`), status);
  await expect(specOf({ ...other, resume: { agentSessionId: open } })).rejects.toMatchObject({ code: "REFUSED" });
});

test("CLAUDE_CONFIG_DIR is where it looks", async () => {
  const dir = tempDir("ao-claude-config");
  const config = launch({ environment: { HOME: "/nowhere", CLAUDE_CONFIG_DIR: dir } });
  const id = "11111111-2222-4333-8444-555555555503";
  const path = transcriptPath(dir, config.workspacePath, id);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify({ type: "user", sessionId: id, cwd: config.workspacePath })}\n`);
  expect((await specOf({ ...config, resume: { agentSessionId: id } }))?.argv).toContain(id);
});

test("every config problem is reported at once, with the valid keys", () => {
  expect(() => create({ comand: "a", permissions: "all", args: "x" })).toThrow(
    /comand.*permissions.*args|permissions.*args.*comand/s,
  );
});

test.each([
  [["--dangerously-skip-permissions"], /--dangerously-skip-permissions .*`permissions: skip`/],
  [["--permission-mode=plan"], /--permission-mode .*`permissions`/],
  [["--effort", "high", "--settings", "x.json", "-p"], /--settings .*; .*-p /],
])("arguments that ao sets itself are refused, with what to do instead: %j", (args, problem) => {
  expect(() => create({ args })).toThrow(problem);
  expect(() => create({ args, comand: "x" })).toThrow(/comand/);
});

test("a wrapper may have its own arguments, but none about permissions", () => {
  create({ command: ["docker", "run", "-p", "80:80", "claude"], args: ["--effort", "high"] });
  expect(() => create({ command: ["claude", "--dangerously-skip-permissions"] })).toThrow(/`permissions: skip`/);
});

test("preflight reports whether the program is installed", async () => {
  const env = { PATH: "/nowhere" };
  await expect(create().preflight?.({ agentConfig: {}, env })).rejects.toMatchObject({ code: "UNAVAILABLE" });
  await create().preflight?.({ agentConfig: { command: "/bin/sh" }, env });
});

test("doctor reports what the user has not agreed to yet", async () => {
  const { environment } = home();
  const agent = create({ command: ["/bin/sh", "-c", "echo '9.9.9 (Claude Code)'", "x"] }, pluginContext());
  const env = { ...environment, ANTHROPIC_API_KEY: "sk-1234567890123456789012345" };
  const found = await agent.examine?.({ agentConfig: { permissions: "skip" }, env });
  expect(found?.map(({ level }) => level)).toEqual(["warning", "warning", "warning", "warning"]);
  expect(found?.map(({ text }) => text).join()).toMatch(/9\.9\.9.*never set up.*ANTHROPIC_API_KEY.*skip/s);
});

test("returns the end of a conversation as plain text", async () => {
  const { environment } = home();
  const config = launch({ environment });
  const id = wordAfter((await specOf(config))?.argv, "--session-id") ?? "";
  const fixture = join(import.meta.dirname, "../fixtures", "claude-code-2.1.332", "transcript.jsonl");
  writeFileSync(converse(environment, config, { id }), readFileSync(fixture));
  const session = pluginSession({ sessionDir: config.sessionDir });
  const whole = await create().getTranscript?.(session, { maxBytes: 100_000 });
  expect(whole).toMatch(/^User: %%write hello\.txt/);
  expect(whole).toContain("[Bash] git status");
  const end = await create().getTranscript?.(session, { maxBytes: 500 });
  expect(Buffer.byteLength(end ?? "")).toBeLessThanOrEqual(500);
  expect(whole?.endsWith(end ?? "?")).toBe(true);
  expect(await create().getTranscript?.(pluginSession(), { maxBytes: 500 })).toBe(null);
});

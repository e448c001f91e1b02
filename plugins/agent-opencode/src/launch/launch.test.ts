import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import { launchConfig } from "@agent-orchestrator/testkit/contracts/agent";
import { pluginContext, projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import { create } from "../index.ts";
import { parseOptions } from "../options.ts";
import { merged } from "./launch.ts";
import { changeRecord, readRecord } from "./record.ts";

/** Stands in for `opencode debug config`: the user's own rules. */
function programSaying(config: object): string {
  const path = join(tempDir("ao-opencode"), "opencode");
  writeFileSync(path, `#!/bin/sh\n[ "$1 $2" = "debug config" ] && echo '${JSON.stringify(config)}'\n`);
  chmodSync(path, 0o755);
  return path;
}

const environment = { PATH: "/usr/bin:/bin", HOME: "/home/dev", OPENCODE_CONFIG: "/home/dev/rules.json" };
const agent = () => create({ command: programSaying({ permission: { bash: { "rm *": "deny" } } }) }, pluginContext());
const launchOf = (more: Partial<AgentLaunchConfig> = {}) => launchConfig({ environment, launch: 1, ...more });
const contentOf = (spec: { env?: Record<string, string> } | null | undefined) =>
  JSON.parse(spec?.env?.OPENCODE_CONFIG_CONTENT ?? "{}");

test("a launch listens only on loopback, with a password that is in no argument and no file that others can read", async () => {
  const launch = launchOf();
  const spec = await agent().getLaunchSpec?.(launch);
  const record = readRecord(launch.sessionDir);
  const words = spec?.argv.join(" ") ?? "";
  expect(words).toContain(`--port ${record?.port} --hostname 127.0.0.1 --no-mdns`);
  expect(record?.password).toMatch(/^[0-9a-f]{64}$/);
  expect(words).not.toContain(record?.password);
  expect(spec?.env).toMatchObject({ OPENCODE_SERVER_USERNAME: "opencode", OPENCODE_SERVER_PASSWORD: record?.password });
  expect(statSync(join(launch.sessionDir, "opencode.json")).mode & 0o777).toBe(0o600);
  expect(spec?.promptDelivered).toBe(true);
  expect(record?.promptFile).toBe(launch.promptFile);
  expect(words).not.toContain("Fix issue 42");
});

test("every launch has its own password, and the same launch requested twice has the same password and port", async () => {
  const launch = launchOf();
  const program = agent();
  const first = await program.getLaunchSpec?.(launch);
  expect(await program.getLaunchSpec?.(launch)).toEqual(first);
  const second = await program.getLaunchSpec?.({ ...launch, launch: 2 });
  expect(second?.env?.OPENCODE_SERVER_PASSWORD).not.toBe(first?.env?.OPENCODE_SERVER_PASSWORD);
});

test("a port in use is not taken, unless this launch's own program already has it", async () => {
  const launch = launchOf();
  await agent().getLaunchSpec?.(launch);
  const port = readRecord(launch.sessionDir)?.port ?? 0;
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  try {
    await agent().getLaunchSpec?.(launch);
    expect(readRecord(launch.sessionDir)?.port).toBe(port);
    await agent().getLaunchSpec?.({ ...launch, launch: 2 });
    expect(readRecord(launch.sessionDir)?.port).not.toBe(port);
  } finally {
    server.close();
  }
});

test("permissions, instructions and model are passed in the environment, after the user's own", async () => {
  const own = { ...environment, OPENCODE_CONFIG_CONTENT: '{"theme":"nord","instructions":["/home/dev/mine.md"]}' };
  const instructions = { text: "Work like this.", file: "/sessions/app-1/instructions.md" };
  const spec = await agent().getLaunchSpec?.(launchOf({ environment: own, instructions, model: "fake/fake-1" }));
  expect(contentOf(spec)).toMatchObject({
    theme: "nord",
    instructions: ["/home/dev/mine.md", instructions.file],
    model: "fake/fake-1",
    agent: { build: { permission: { edit: { "*": "allow" }, bash: { "*": "ask", "rm *": "deny" } } } },
  });
  expect(spec?.argv).toContain("fake/fake-1");
});

test("continues its conversation in the same folder, without another prompt", async () => {
  const launch = launchOf();
  const program = agent();
  await program.getLaunchSpec?.(launch);
  changeRecord(launch.sessionDir, { conversation: "ses_1" });
  const resume = { agentSessionId: "ses_1", message: "go on" };
  const spec = await program.getLaunchSpec?.({ ...launch, launch: 2, resume });
  expect(spec?.argv.join(" ")).toContain("--session ses_1");
  expect(spec?.promptDelivered).toBe(true);
});

test("cannot continue without a conversation, and refuses to move one to another folder", async () => {
  const launch = launchOf();
  const program = agent();
  expect(await program.getLaunchSpec?.({ ...launch, resume: { agentSessionId: null } })).toBe(null);
  await program.getLaunchSpec?.(launch);
  changeRecord(launch.sessionDir, { conversation: "ses_1" });
  const elsewhere = join(launch.workspacePath, "elsewhere");
  mkdirSync(elsewhere);
  const moved = { ...launch, workspacePath: elsewhere, resume: { agentSessionId: "ses_1" } };
  await expect(program.getLaunchSpec?.(moved)).rejects.toMatchObject({ code: "REFUSED" });
});

test("works in the project's own folder within the checkout", async () => {
  const launch = launchOf();
  mkdirSync(join(launch.workspacePath, "packages/api"), { recursive: true });
  const inside = projectConfig({ path: launch.projectConfig.path, cwd: "packages/api" });
  await agent().getLaunchSpec?.({ ...launch, projectConfig: inside });
  expect(readRecord(launch.sessionDir)?.directory).toMatch(/checkout\/packages\/api$/);
});

test("reports every problem of its options at once, and refuses arguments that ao sets", () => {
  expect(() => create({ model: "no-slash", allow: [""], colour: "red" })).toThrow(
    /allow\.0: is empty.*model: is not `provider\/model`.*unknown `colour`/s,
  );
  expect(() => create({ args: ["--port", "1"] })).toThrow(/--port is set by ao/);
});

test("a missing program is reported before anything is created", async () => {
  const check = { agentConfig: {}, env: { PATH: "/nowhere" } };
  await expect(create().preflight?.(check)).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

test("config content is merged as OpenCode merges files", () => {
  expect(merged({ a: { x: 1 }, list: [1], b: 1 }, { a: { y: 2 }, list: [1, 2], b: { z: 1 } })).toEqual({
    a: { x: 1, y: 2 },
    list: [1, 2],
    b: { z: 1 },
  });
});

test("a launch that is requested again after its program started keeps what is under way", async () => {
  const launch = launchOf();
  const program = agent();
  await program.getLaunchSpec?.(launch);
  changeRecord(launch.sessionDir, { conversation: "ses_1", promptFile: null });
  const before = readRecord(launch.sessionDir);
  const spec = await program.getLaunchSpec?.(launch);
  expect(readRecord(launch.sessionDir)).toEqual(before);
  expect(spec?.argv).not.toContain("ses_1");
});

test("a fresh start after a lost conversation has its own prompt, and starts another conversation", async () => {
  const launch = launchOf();
  await agent().getLaunchSpec?.(launch);
  changeRecord(launch.sessionDir, { conversation: "ses_1", promptFile: null });
  await agent().getLaunchSpec?.({ ...launch, launch: 2 });
  expect(readRecord(launch.sessionDir)).toMatchObject({ conversation: null, promptFile: launch.promptFile });
});

test("nothing is written but the record", async () => {
  const launch = launchOf();
  await agent().getLaunchSpec?.(launch);
  const record = readFileSync(join(launch.sessionDir, "opencode.json"), "utf8");
  expect(record).not.toContain("Fix issue 42");
});

test("arguments that ao sets, or that `permissions` covers, are refused together with every other problem", () => {
  expect(() => parseOptions({ modell: "x", args: ["--auto", "--port=1"] })).toThrow(
    /unknown `modell`.*--auto is what `permissions` says.*`skip`.*--port=1 is set by ao|--auto is.*--port=1 is set by ao.*unknown/,
  );
});

import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Key } from "@agent-orchestrator/core/slots/screen";
import { launchConfig } from "@agent-orchestrator/testkit/contracts/agent";
import { pluginContext, projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { pluginSession } from "@agent-orchestrator/testkit/session";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { tempRepo } from "@agent-orchestrator/testkit/temp-repo";
import { expect, test } from "vitest";
import { create } from "./index.ts";
import { placeOf } from "./launch/place.ts";
import { STAND_IN } from "./testing/bench.ts";

const specOf = (agentConfig: Record<string, unknown>, launch = launchConfig()) =>
  create({}, pluginContext()).getLaunchSpec?.({ ...launch, agentConfig });

const after = (argv: readonly string[] | undefined, option: string) => argv?.[(argv.indexOf(option) ?? -2) + 1];

test("its files are in the session's folder, and its questions about itself are answered in advance", async () => {
  const launch = launchConfig();
  const spec = await specOf({}, launch);
  const { chat, input, told } = placeOf(launch.sessionDir);
  expect(spec?.argv[0]).toBe("aider");
  expect(after(spec?.argv, "--chat-history-file")).toBe(chat);
  expect(after(spec?.argv, "--input-history-file")).toBe(input);
  expect(after(spec?.argv, "--notifications-command")).toContain(told);
  for (const word of ["--no-gitignore", "--no-check-update", "--no-analytics", "--no-show-release-notes"]) {
    expect(spec?.argv).toContain(word);
  }
  expect(existsSync(told)).toBe(true);
});

test("the prompt is typed, not passed: --message would end aider after one turn", async () => {
  const spec = await specOf({}, launchConfig({ prompt: "do it" }));
  expect(spec).toMatchObject({ promptDelivered: false, paste: "bracketed" });
  expect(spec?.argv.join(" ")).not.toContain("do it");
});

test("instructions are a read-only file of the conversation", async () => {
  const instructions = { text: "be brief", file: "/s/instructions.md" };
  expect(after((await specOf({}, launchConfig({ instructions })))?.argv, "--read")).toBe("/s/instructions.md");
});

test.each([
  [undefined, false],
  ["default", false],
  ["edits", false],
  ["auto", true],
  ["skip", true],
])("permissions %s: --yes-always is %s", async (permissions, expected) => {
  const spec = await specOf(permissions === undefined ? {} : { permissions });
  expect(spec?.argv.includes("--yes-always")).toBe(expected);
  // "Open URL for more info?" is answered with yes as well.
  expect(spec?.env?.BROWSER).toBe(expected ? "true" : undefined);
});

test("the user's own arguments come last, where they override ours", async () => {
  const spec = await specOf({ model: "sonnet", args: ["--no-auto-lint", "--map-tokens", "0"], env: { AIDER_X: "1" } });
  expect(after(spec?.argv, "--model")).toBe("sonnet");
  expect(spec?.argv.slice(-3)).toEqual(["--no-auto-lint", "--map-tokens", "0"]);
  expect(spec?.env?.AIDER_X).toBe("1");
});

test("it continues its own conversation in its own checkout, and no other", async () => {
  const launch = launchConfig({ agentConfig: {} });
  const resume = { agentSessionId: null };
  const agent = create({}, pluginContext());
  expect(await agent.getLaunchSpec?.({ ...launch, resume })).toBe(null);
  await agent.getLaunchSpec?.(launch);
  writeFileSync(placeOf(launch.sessionDir).chat, "\n# aider chat started at 2026-05-22 10:00:00\n");
  const again = await agent.getLaunchSpec?.({ ...launch, resume });
  expect(again?.argv).toContain("--restore-chat-history");
  expect(again?.promptDelivered).toBe(true);
  expect(await agent.getLaunchSpec?.({ ...launch, resume, workspacePath: tempDir() })).toBe(null);
});

test("a new conversation in the same session does not mix with the previous one", async () => {
  const agent = create({}, pluginContext());
  const launch = launchConfig({ agentConfig: {} });
  const chatOf = async (more: object) =>
    after((await agent.getLaunchSpec?.({ ...launch, ...more }))?.argv, "--chat-history-file") ?? "";
  const first = await chatOf({ launch: 1 });
  writeFileSync(first, "\n#### before  \n");
  const second = await chatOf({ launch: 3 });
  expect(second).not.toBe(first);
  writeFileSync(second, "\n#### after  \n");
  expect(await chatOf({ launch: 4, resume: { agentSessionId: null } })).toBe(second);
});

test("a name that git does not know is passed to aider, and not written into the user's config", async () => {
  const repo = tempRepo();
  const environment = { PATH: process.env.PATH ?? "", HOME: repo.path, GIT_CONFIG_NOSYSTEM: "1" };
  const launch = launchConfig({ workspacePath: repo.path, environment });
  expect((await specOf({}, launch))?.env).toMatchObject({ GIT_CONFIG_COUNT: "2", GIT_CONFIG_KEY_0: "user.name" });
  repo.git("config", "user.name", "Somebody");
  expect((await specOf({}, launch))?.env).toMatchObject({ GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "user.email" });
  repo.git("config", "user.email", "s@example.invalid");
  expect((await specOf({}, launch))?.env?.GIT_CONFIG_COUNT).toBe(undefined);
});

test("every config problem is reported at once, with the valid keys", () => {
  const bad = () => create({ modle: "x", permissions: "never" });
  expect(bad).toThrow(/modle.*permissions|permissions.*modle/s);
  expect(bad).toThrow(expect.objectContaining({ code: "CONFIG", hint: expect.stringContaining("resumeAfterLimit") }));
  expect(() => create({ args: ["--message=x", "-f", "--multiline"] })).toThrow(/--message=x.*-f.*--multiline/s);
});

test("the project's agentConfig configures the instance, a session's own overrides it", async () => {
  const project = projectConfig({ agentConfig: { model: "a" } });
  const agent = create({}, pluginContext({ project }));
  const model = async (own: Record<string, unknown>) =>
    after((await agent.getLaunchSpec?.(launchConfig({ agentConfig: own })))?.argv, "--model");
  expect(await model({})).toBe("a");
  expect(await model({ model: "b" })).toBe("b");
});

test("preflight reports whether the program is installed", async () => {
  const bin = tempDir();
  const preflight = (agentConfig: Record<string, unknown>) => create().preflight?.({ agentConfig, env: { PATH: bin } });
  await expect(preflight({})).rejects.toMatchObject({ code: "UNAVAILABLE", hint: expect.stringContaining("install") });
  writeFileSync(join(bin, "aider"), "#!/bin/sh\n");
  chmodSync(join(bin, "aider"), 0o755);
  await preflight({});
});

test("preflight refuses a runtime without a screen, because its prompt could not be found", async () => {
  const check = { agentConfig: { command: STAND_IN }, env: { PATH: "/usr/bin" } };
  const blind = create().preflight?.({ ...check, hasScreen: false });
  await expect(blind).rejects.toMatchObject({ code: "CONFIG", hint: expect.stringContaining("runtime: tmux") });
  await create().preflight?.({ ...check, hasScreen: true });
});

test("an interrupt before its first prompt was sent is refused with the reason", async () => {
  const agent = create({}, pluginContext());
  const launch = launchConfig({ prompt: "do it", agentConfig: {} });
  const session = pluginSession({ sessionDir: launch.sessionDir });
  const pressed: Key[] = [];
  const terminal = {
    screen: async () => ({ rows: ["> "], styledRows: null, cursor: { row: 0, column: 2 }, title: null }),
    write: async () => undefined,
    press: async (keys: Key[]) => void pressed.push(...keys),
  };
  await agent.getLaunchSpec?.(launch);
  const early = agent.interrupt?.(session, { terminal });
  await expect(early).rejects.toMatchObject({ code: "TRY_AGAIN", hint: expect.stringContaining("ao kill") });
  expect(pressed).toEqual([]);
  writeFileSync(placeOf(launch.sessionDir).chat, "\n# aider chat started at 2026-05-22 10:00:00\n\n#### do it  \n");
  await agent.interrupt?.(session, { terminal });
});

test.each([
  ["aider 0.86.2", "ok", "0.86.2"],
  ["aider 0.99.0", "warning", "0.99.0"],
  ["what?", "warning", "unknown version"],
])("doctor: %s is %s", async (said, level, text) => {
  const bin = tempDir();
  writeFileSync(join(bin, "aider"), `#!/bin/sh\necho '${said}'\n`);
  chmodSync(join(bin, "aider"), 0o755);
  const env = { PATH: `${bin}:${process.env.PATH}` };
  const findings = await create().examine?.({ agentConfig: {}, env });
  expect(findings).toEqual([expect.objectContaining({ level, text: expect.stringContaining(text) })]);
});

test("doctor explains skip, and reports a missing program", async () => {
  const env = { PATH: tempDir() };
  const findings = await create().examine?.({ agentConfig: { permissions: "skip" }, env });
  expect(findings).toEqual([
    expect.objectContaining({ level: "error" }),
    expect.objectContaining({ level: "warning", text: expect.stringContaining("runs no shell command") }),
  ]);
  const own = await create({ command: STAND_IN }).examine?.({ agentConfig: {}, env: { PATH: process.env.PATH ?? "" } });
  expect(own).toEqual([expect.objectContaining({ level: "ok" })]);
});

test("the end of a conversation for another agent starts at a whole line", async () => {
  const sessionDir = tempDir();
  const session = pluginSession({ sessionDir });
  const transcript = (maxBytes: number) => create().getTranscript?.(session, { maxBytes });
  expect(await transcript(100)).toBe(null);
  mkdirSync(placeOf(sessionDir).dir);
  writeFileSync(placeOf(sessionDir).chat, "#### first  \nanswer\n#### second  \n");
  expect(await transcript(100)).toContain("#### first");
  expect(await transcript(20)).toBe("#### second  \n");
});

import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { launchConfig } from "@agent-orchestrator/testkit/contracts/agent";
import { pluginContext, projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { expect, test } from "vitest";
import { create } from "./index.ts";

const spec = (config: Record<string, unknown>, launch = launchConfig()) => create(config).getLaunchSpec?.(launch);

test("replaces the prompt and its file inside the arguments, and whole arguments stay whole", async () => {
  const launch = launchConfig({ prompt: "two words; $HOME\nand a line" });
  const found = await spec({ command: "a", args: ["--p={prompt}", "{promptFile}", "{prompt}"] }, launch);
  expect(found?.argv).toEqual([
    "a",
    "--p=two words; $HOME\nand a line",
    launch.promptFile,
    "two words; $HOME\nand a line",
  ]);
  expect(found?.promptDelivered).toBe(true);
});

test("replaced text is not scanned again", async () => {
  const found = await spec({ command: "a {prompt}" }, launchConfig({ prompt: "see {promptFile}" }));
  expect(found?.argv[1]).toBe("see {promptFile}");
});

test("without a placeholder nothing is appended or typed, and the prompt is in $AO_PROMPT_FILE", async () => {
  const launch = launchConfig();
  const agent = create({ command: "a --go" });
  expect(await agent.getLaunchSpec?.(launch)).toEqual({ argv: ["a", "--go"], promptDelivered: true });
  expect(agent.getEnvironment(launch)).toEqual({ AO_PROMPT_FILE: launch.promptFile });
});

test("post-launch leaves the prompt to be typed, and refuses to pass it twice", async () => {
  expect((await spec({ command: "a", promptDelivery: "post-launch" }))?.promptDelivered).toBe(false);
  expect(() => create({ command: "a {prompt}", promptDelivery: "post-launch" })).toThrow(/twice|two|too/);
});

test("an argument that is only a placeholder is left out if there is no prompt", async () => {
  const { prompt: _none, promptFile: _file, ...launch } = launchConfig();
  expect((await spec({ command: "a --x {prompt}" }, launch))?.argv).toEqual(["a", "--x"]);
});

test("a prompt that is too long for one argument is named by its file", async () => {
  const launch = launchConfig({ prompt: "x".repeat(200_000) });
  const found = await spec({ command: "true {prompt}" }, launch);
  expect(found?.argv[1]).toContain(launch.promptFile);
  execFileSync("true", found?.argv.slice(1) ?? []);
});

test("resume carries the message, and without a resume the conversation can't continue", async () => {
  const launch = launchConfig({ resume: { agentSessionId: null, message: "go on", messageFile: "/s/m.txt" } });
  const config = { command: "a", lifetime: "per-turn", resume: ["a", "--continue", "{message}", "{messageFile}"] };
  expect(await spec(config, launch)).toEqual({
    argv: ["a", "--continue", "go on", "/s/m.txt"],
    promptDelivered: true,
  });
  expect(await spec({ command: "a" }, launch)).toBe(null);
  expect(await spec(config, launchConfig({ resume: { agentSessionId: null } }))).toBe(null);
});

test("a per-turn program without a resume accepts each message like the prompt, if it accepts one at all", async () => {
  const launch = launchConfig({ resume: { agentSessionId: null, message: "mend the test", messageFile: "/s/m.txt" } });
  const found = await spec({ command: "once {prompt}", lifetime: "per-turn" }, launch);
  expect(found).toEqual({ argv: ["once", "mend the test"], promptDelivered: true });
  expect(await spec({ command: "once", lifetime: "per-turn" }, launch)).toBe(null);
  expect(create({ command: "once" }).getEnvironment(launch).AO_MESSAGE_FILE).toBe("/s/m.txt");
});

test("a resume without a placeholder leaves the message to be typed", async () => {
  const launch = launchConfig({ resume: { agentSessionId: null, message: "go on" } });
  expect((await spec({ command: "a", resume: "a --continue" }, launch))?.promptDelivered).toBe(false);
});

test("finds its program: ~ is the user's home, and ./x is in the checkout or the project", async () => {
  const context = pluginContext();
  const launch = launchConfig();
  const argv0 = async (command: string) => (await create({ command }, context).getLaunchSpec?.(launch))?.argv[0];
  expect(await argv0("~/bin/a")).toBe(join(context.home, "bin/a"));
  expect(await argv0("plain")).toBe("plain");
  writeFileSync(join(launch.projectConfig.path, "tool.sh"), "#!/bin/sh\n");
  chmodSync(join(launch.projectConfig.path, "tool.sh"), 0o755);
  expect(await argv0("./tool.sh")).toBe(join(launch.projectConfig.path, "tool.sh"));
  expect(await argv0("./other.sh")).toBe(join(launch.workspacePath, "other.sh"));
});

test("every config problem is reported at once, with the valid keys", () => {
  const bad = () => create({ comand: "a", quietMs: 1, lifetime: "for-ever" });
  expect(bad).toThrow(/comand.*|quietMs.*lifetime/s);
  expect(bad).toThrow(expect.objectContaining({ code: "CONFIG", hint: expect.stringContaining("promptDelivery") }));
  expect(() => create({ command: "" })).toThrow(/empty/);
});

test("the project's agentConfig configures the instance, a session's own overrides it", async () => {
  const project = projectConfig({ agentConfig: { command: "a", lifetime: "per-turn", model: "m" } });
  const agent = create({}, pluginContext({ project }));
  expect(agent.lifetime).toBe("per-turn");
  expect((await agent.getLaunchSpec?.(launchConfig({ agentConfig: { command: "b" } })))?.argv).toEqual(["b"]);
});

test("a missing command is an error of the launch, with what to write", async () => {
  await expect(create().getLaunchSpec?.(launchConfig())).rejects.toMatchObject({ code: "CONFIG" });
});

test("preflight reports whether the program is installed", async () => {
  const { env } = pluginContext();
  const preflight = (command: string) => create({ command }).preflight?.({ agentConfig: {}, env: env() });
  await preflight("sh -c 'exit 0'");
  await preflight("/bin/sh");
  await preflight("./not-there-yet.sh");
  await expect(preflight("no-such-agent")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  await expect(preflight("/no/such/agent")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  await expect(create().preflight?.({ agentConfig: {}, env: env() })).rejects.toMatchObject({ code: "CONFIG" });
});

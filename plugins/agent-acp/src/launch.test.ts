import { join } from "node:path";
import { launchConfig } from "@agent-orchestrator/testkit/contracts/agent";
import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { expect, test } from "vitest";
import { create } from "./index.ts";
import { readSpec } from "./layout.ts";

const config = (agentConfig: Record<string, unknown>, more = {}) =>
  launchConfig({ agentConfig: { command: ["opencode", "acp"], ...agentConfig }, ...more });
const launch = (launched: ReturnType<typeof config>) => create({}, pluginContext()).getLaunchSpec?.(launched);

test("an agent that asks nothing by default is made to ask, unless everything is allowed or the user decides otherwise", async () => {
  const asks = { OPENCODE_PERMISSION: '{"edit":"ask","bash":"ask"}' };
  expect((await launch(config({})))?.env).toEqual(asks);
  expect((await launch(config({ command: ["/opt/bin/opencode", "acp"] }, { permissions: "default" })))?.env).toEqual(
    asks,
  );
  expect((await launch(config({}, { permissions: "skip" })))?.env).toEqual({});
  const own = { OPENCODE_PERMISSION: "{}", A: "b" };
  expect((await launch(config({ env: own })))?.env).toEqual(own);
  expect((await launch(config({ command: ["other"] })))?.env).toEqual({});
});

test("a host's input is in a file, and none of it in its arguments", async () => {
  const launched = config(
    { model: "m", mode: "plan", allow: ["make"], auth: "key" },
    { prompt: "-x\u0007y", permissions: "edits" },
  );
  const spec = await launch(launched);
  expect(spec?.promptDelivered).toBe(true);
  expect(spec?.argv.at(-1)).toBe(join(launched.sessionDir, "acp/spec.json"));
  expect(readSpec(launched.sessionDir)).toMatchObject({
    argv: ["opencode", "acp"],
    cwd: launched.workspacePath,
    prompt: "-xy",
    resume: null,
    permissions: "edits",
    allow: expect.arrayContaining(["git commit", "make"]),
    mode: "plan",
    model: "m",
    auth: "key",
  });
});

test("in the mode default only what the user listed runs without a question", async () => {
  const launched = config({ allow: ["make"] }, { permissions: "default" });
  await launch(launched);
  expect(readSpec(launched.sessionDir)?.allow).toEqual(["make"]);
});

test("the agent works in the project's folder within the checkout", async () => {
  const launched = config({});
  await launch({ ...launched, projectConfig: { ...launched.projectConfig, cwd: "packages/a" } });
  expect(readSpec(launched.sessionDir)?.cwd).toBe(join(launched.workspacePath, "packages/a"));
});

test("a socket path that is too long is reported before the start", async () => {
  const context = pluginContext({ socketDir: `/tmp/${"x".repeat(100)}` });
  await expect(create({}, context).getLaunchSpec?.(config({}))).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

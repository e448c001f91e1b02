import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pluginContext, projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import { create } from "../index.ts";
import { parseOptions } from "../options.ts";
import { examineSetup } from "./setup.ts";

interface Made {
  files?: Record<string, string>;
  env?: Record<string, string>;
  args?: string[];
}

/** The findings for a Codex whose home has these files. */
function textsOf({ files = {}, env = {}, args = [] }: Made, repository: string | null = null): string[] {
  const home = tempDir("home");
  mkdirSync(join(home, ".codex"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, ".codex", name), text);
  const question = { options: parseOptions({ args }), env: { HOME: home, ...env }, repository };
  return examineSetup(question).map(({ level, text }) => `${level} ${text}`);
}

test("a Codex that was never started is reported by doctor, and before anything is created", async () => {
  const bin = tempDir("bin");
  writeFileSync(join(bin, "codex"), "#!/bin/sh\necho codex-cli 0.171.0\n", { mode: 0o755 });
  const check = { agentConfig: {}, env: { HOME: tempDir("home"), PATH: `${bin}:/usr/bin:/bin` } };
  const unready = { message: expect.stringContaining("never set up"), hint: expect.stringContaining("log in") };
  await expect(create({}).preflight?.(check)).rejects.toMatchObject({ code: "UNAVAILABLE", ...unready });
  const findings = await create({}, pluginContext({ project: projectConfig() })).examine?.(check);
  expect(findings).toMatchObject([{ level: "ok" }, { level: "error", text: unready.message, hint: unready.hint }]);
});

test("without any sign of a login it says that it can't tell", () => {
  expect(textsOf({ files: { "config.toml": 'model = "gpt-5"\n' } })).toEqual([
    expect.stringMatching(/^warning it cannot be told that Codex is logged in/),
  ]);
});

test.each<[string, Made]>([
  ["a login", { files: { "auth.json": "{}" } }],
  ["a key in the environment", { env: { CODEX_API_KEY: "k" } }],
  ["a provider of the user's own", { files: { "config.toml": 'model_provider = "local"\n' } }],
  ["a login in the system's keyring", { files: { "config.toml": 'cli_auth_credentials_store = "keyring"\n' } }],
  ["a local provider in the words of the launch", { args: ["--oss"] }],
])("%s is a sign of a login", (_, made) => {
  expect(textsOf(made)).toEqual([]);
});

test("a repository that Codex does not trust is reported, with how to trust it once", () => {
  const files = { "auth.json": "{}" };
  expect(textsOf({ files }, "/src/app")).toEqual([
    expect.stringContaining("does not trust /src/app: it asks at the start of each"),
  ]);
  const trusting = { ...files, "config.toml": '[projects."/src/app"]\ntrust_level = "trusted"\n' };
  expect(textsOf({ files: trusting }, "/src/app")).toEqual([]);
});

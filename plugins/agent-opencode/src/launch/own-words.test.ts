import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import { mayHaveRules } from "./user-config.ts";

function world(files: Record<string, string>): { checkout: string; env: Record<string, string> } {
  const home = tempDir("ao-opencode-home");
  const checkout = join(home, "repos/app/packages/api");
  mkdirSync(checkout, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  return { checkout, env: { HOME: home } };
}

test.each<[string, Record<string, string>, boolean]>([
  ["no config at all", {}, false],
  ["a model and a key", { ".config/opencode/opencode.json": '{"model":"a/b","provider":{}}' }, false],
  ["a rule", { ".config/opencode/opencode.jsonc": '{ // mine\n "permission": {"bash":"deny"} }' }, true],
  ["a rule of the repository", { "repos/app/opencode.json": '{"permission":{"edit":"ask"}}' }, true],
  ["an agent of the repository", { "repos/app/.opencode/agent/review.md": "You review." }, true],
  ["an agent of the user", { ".config/opencode/agents/x.md": "" }, true],
  ["sources in a folder of that name", { "repos/app/packages/api/agents/x.ts": "" }, false],
  ["an organisation's config", { ".local/share/opencode/auth.json": '{"https://a":{"type":"wellknown"}}' }, true],
  ["a key of a provider", { ".local/share/opencode/auth.json": '{"anthropic":{"type":"api"}}' }, false],
])("with %s", async (_, files, expected) => {
  const { checkout, env } = world(files);
  expect(await mayHaveRules(checkout, env)).toBe(expected);
});

test("a variable that changes the config may contain rules", async () => {
  const { checkout, env } = world({});
  expect(await mayHaveRules(checkout, { ...env, OPENCODE_PERMISSION: '{"bash":"deny"}' })).toBe(true);
});

test("a config that is a link to the user's dotfiles is read", async () => {
  const { checkout, env } = world({ "dotfiles/opencode.json": '{"permission":{"bash":"deny"}}' });
  mkdirSync(join(env.HOME ?? "", ".config/opencode"), { recursive: true });
  symlinkSync(join(env.HOME ?? "", "dotfiles/opencode.json"), join(env.HOME ?? "", ".config/opencode/opencode.json"));
  expect(await mayHaveRules(checkout, env)).toBe(true);
});

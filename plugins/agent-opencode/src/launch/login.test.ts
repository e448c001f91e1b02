import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import { loginFinding } from "./examine.ts";

const AUTH = ".local/share/opencode/auth.json";
const CONFIG = ".config/opencode/opencode.jsonc";

test.each<[string, { path?: string; text?: string; env?: Record<string, string> }, boolean]>([
  ["nothing at all", {}, false],
  ["a login", { path: AUTH, text: '{"anthropic":{"type":"api"}}' }, true],
  ["a logout of all", { path: AUTH, text: "{}" }, false],
  ["a provider in the config", { path: CONFIG, text: '{ "provider": {} } // mine' }, true],
  ["a config about something else", { path: CONFIG, text: '{ "theme": "x" }' }, false],
  ["a key in the environment", { env: { OPENROUTER_API_KEY: "k" } }, true],
  ["an empty key", { env: { OPENROUTER_API_KEY: "" } }, false],
])(
  "doctor says that it can't tell whether there is a login, unless something indicates one: %s",
  async (_, { path, text, env }, isKnown) => {
    const home = tempDir("home");
    if (path !== undefined) {
      mkdirSync(dirname(join(home, path)), { recursive: true });
      writeFileSync(join(home, path), text ?? "");
    }
    const findings = await loginFinding({ HOME: home, ...env });
    expect(findings.map(({ level }) => level)).toEqual(isKnown ? [] : ["warning"]);
  },
);

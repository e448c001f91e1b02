import { isAoError } from "@agent-orchestrator/core/model/errors";
import { expect, it, onTestFinished } from "vitest";
import { registrySandbox } from "./testing/registry-sandbox.ts";

const plugin = (name: string, more = ""): string =>
  `${more}export const manifest = { name: "${name}", slot: "notifier", description: "d", version: "1.0.0" };
export const create = () => ({ notify() {} });\n`;
const PACKAGE = { "package.json": '{"main":"i.mjs"}', "i.mjs": plugin("other") };
const inModules = (name: string) =>
  Object.fromEntries(Object.entries(PACKAGE).map(([file, text]) => [`node_modules/${name}/${file}`, text]));

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return isAoError(error) ? `${error.code}: ${error.message}` : "loaded";
}

it.each([
  ["its own file", "plugins/one.ts"],
  ["a file that it imports", "plugins/helper.ts"],
])("a local plugin is not loaded once %s has changed, until the user trusts it again", async (_, file) => {
  const sandbox = registrySandbox("plugins: [{ path: ./plugins/one.ts }]\nprojects: { shop: {} }\n", {
    "plugins/one.ts": plugin("mine", 'import "./helper";\n'),
    "plugins/helper.ts": "export {};\n",
  });
  sandbox.trust();
  const trusted = sandbox.load();
  expect(trusted.trust.text).toMatch(/^content of "\.\/plugins\/one\.ts": sha256:[0-9a-f]{64}$/m);
  expect(await refusal(sandbox.registry.load("notifier", "mine", trusted))).toBe("loaded");
  sandbox.write(
    `repo/${file}`,
    plugin("mine", 'import "./helper";\nglobalThis.canary = (globalThis.canary ?? 0) + 1;\n'),
  );
  expect(await refusal(sandbox.registry.load("notifier", "mine", trusted))).toBe(
    "UNTRUSTED: the plugin ./plugins/one.ts is not loaded: it has changed since you trusted it",
  );
  expect(sandbox.load().trust.isTrusted).toBe(false);
  expect((globalThis as Record<string, unknown>).canary).toBe(undefined);
  onTestFinished(() => {
    delete (globalThis as Record<string, unknown>).canary;
  });
  sandbox.trust();
  expect(await refusal(sandbox.registry.load("notifier", "mine", sandbox.load()))).toBe("loaded");
});

it.each([
  ["in `plugins`", "plugins: [other]\n", "other"],
  ["by its name alone", "notifiers: { other: {} }\n", "ao-plugin-notifier-other"],
  ["as the user's default", "", "ao-plugin-notifier-other"],
])("a package that is used %s is pinned by its content", async (_, config, name) => {
  const sandbox = registrySandbox(`${config}projects: { shop: {} }\n`, inModules(name));
  if (config === "") sandbox.write("home/config.yaml", "defaults: { notifiers: [other] }\n");
  sandbox.trust();
  const trusted = sandbox.load();
  expect(await refusal(sandbox.registry.load("notifier", "other", trusted))).toBe("loaded");
  sandbox.write(`repo/node_modules/${name}/lib/new.js`, "1;");
  expect(await refusal(sandbox.registry.load("notifier", "other", trusted))).toContain("it has changed since");
  expect(sandbox.load().trust.isTrusted).toBe(false);
});

it("a package that no config names is not loaded, although one of that name is installed", async () => {
  const sandbox = registrySandbox("projects: { shop: {} }\n", inModules("ao-plugin-notifier-other"));
  sandbox.trust();
  expect(await refusal(sandbox.registry.load("notifier", "other", sandbox.load()))).toBe(
    "UNTRUSTED: the plugin ao-plugin-notifier-other is not loaded: it is not among the plugins that you trusted",
  );
});

it("a plugin in the user's own config waits for the trust in each instance, and so does a change of it", async () => {
  const sandbox = registrySandbox("projects: { shop: {} }\n");
  sandbox.trust();
  sandbox.write("home/mine.ts", plugin("mine"));
  sandbox.write("home/config.yaml", "plugins: [{ path: ./mine.ts }]\n");
  expect(await refusal(sandbox.registry.load("notifier", "mine", sandbox.load()))).toContain("UNTRUSTED");
  sandbox.trust();
  expect(await refusal(sandbox.registry.load("notifier", "mine", sandbox.load()))).toBe("loaded");
  sandbox.write("home/mine.ts", plugin("mine", "1;\n"));
  expect(sandbox.load().trust.isTrusted).toBe(false);
});

it("a plugin in a config is pinned although the local file next to it has a list of its own", () => {
  const sandbox = registrySandbox("plugins: [{ path: ./one.ts }]\nprojects: { shop: {} }\n", {
    "one.ts": plugin("one"),
    "two.ts": plugin("two"),
    "agent-orchestrator.local.yaml": "plugins: [{ path: ./two.ts }]\n",
  });
  sandbox.trust();
  sandbox.write("repo/one.ts", plugin("one", "1;\n"));
  expect(sandbox.load().trust.isTrusted).toBe(false);
});

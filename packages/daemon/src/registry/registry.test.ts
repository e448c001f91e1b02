import { readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { Runtime } from "@agent-orchestrator/core/slots/runtime";
import { fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { describe, expect, it } from "vitest";
import { importFile } from "./import-file.ts";
import { createInstance } from "./plugin-module.ts";
import { registrySandbox, TEST_CONTEXT } from "./testing/registry-sandbox.ts";

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, "fixtures", name), "utf8");
const manifest = (slot: string, name = "mine"): string =>
  `export const manifest = { name: ${JSON.stringify(name)}, slot: ${JSON.stringify(slot)}, description: "d", version: "1.0.0" };\n`;
const ONE = "plugins: [{ path: ./plugins/one.ts }]\nprojects: { shop: {} }\n";

async function failure(promise: Promise<unknown>): Promise<{ code: string; message: string; hint: string }> {
  try {
    await promise;
  } catch (error) {
    if (isAoError(error)) return { code: error.code, message: error.message, hint: error.hint ?? "" };
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("the documented example of a plugin", () => {
  it("loads unchanged as TypeScript and runs an agent as a runtime", async () => {
    const files = { "plugins/one.ts": fixture("my-runtime.ts") };
    const sandbox = registrySandbox(`${ONE}defaults: { runtime: my-runtime }\n`, files);
    const plugin = await sandbox.plugin("runtime", "my-runtime");
    expect(plugin.origin).toEqual({ kind: "path", where: join(sandbox.repo, "plugins/one.ts") });
    const runtime = await createInstance<Runtime>(plugin, { options: {}, context: TEST_CONTEXT });
    const handle = await runtime.create({
      sessionId: "app-1",
      workspacePath: sandbox.repo,
      launchCommand: 'while read -r line; do echo "got $line from $AO_SESSION_ID"; done',
      environment: { PATH: process.env.PATH ?? "", AO_SESSION_ID: "app-1" },
    });
    expect(JSON.parse(JSON.stringify(handle))).toEqual(handle);
    expect(await runtime.isAlive(handle)).toBe(true);
    await runtime.sendMessage(handle, "hello");
    await waitFor(async () => (await runtime.getOutput(handle, 10)).includes("got hello from app-1"));
    await runtime.destroy(handle);
    expect(await runtime.isAlive(handle)).toBe(false);
    await runtime.destroy(handle);
  });

  it("in its shortest form, with the name of a built-in one, loads and has every method; `list` shows that it is shadowed", async () => {
    const text = fixture("documented-skeleton.ts");
    const sandbox = registrySandbox(ONE, { "plugins/one.ts": text });
    const plugin = await sandbox.plugin("runtime", "tmux");
    const runtime = await createInstance<Runtime>(plugin, { options: {}, context: TEST_CONTEXT });
    await runtime.destroy({ id: "app-1", runtimeName: "tmux", data: {} });
    expect(runtime.name).toBe("tmux");

    writeFileSync(
      join(sandbox.repo, "plugins/one.ts"),
      text.replace('"runtime"', '"notifier"').replace('"tmux"', '"desktop"'),
    );
    const builtin = await sandbox.plugin("notifier", "desktop");
    expect(builtin.origin).toEqual({ kind: "builtin", where: "notifier-desktop" });
    const listed = await sandbox.registry.list(sandbox.load());
    expect(listed.map(({ name, slot, isShadowed }) => [name, slot, isShadowed])).toEqual([
      ["desktop", "notifier", false],
      ["desktop", "notifier", true],
    ]);
  });

  it("loads even if its author left out `type`, because an import that is only used as a type is dropped", async () => {
    const text = fixture("my-runtime.ts").replace("import type { PluginModule", "import { PluginModule");
    const sandbox = registrySandbox(ONE, {
      "plugins/one.ts": `${text}import { Helper } from "./helper";\nHelper();\n`,
      "plugins/helper.ts": "export const Helper = (): void => {};\n",
    });
    expect((await sandbox.plugin("runtime", "my-runtime")).manifest.version).toBe("1.0.0");
  });

  it("reports every missing method of a plugin that implements nothing", async () => {
    const sandbox = registrySandbox(ONE, { "plugins/one.ts": fixture("documented-empty.ts") });
    const plugin = await sandbox.plugin("runtime", "my-runtime");
    const made = failure(createInstance(plugin, { options: {}, context: TEST_CONTEXT }));
    expect(await made).toMatchObject({
      code: "PLUGIN",
      message: `the plugin ${join(sandbox.repo, "plugins/one.ts")} lacks create(), destroy(), sendMessage(), getOutput(), isAlive(), which the slot runtime requires`,
    });
  });
});

describe("a plugin is found", () => {
  const notify = "export const create = () => ({ notify: async () => {} });\n";
  const files = {
    "node_modules/@agent-orchestrator/notifier-mine/package.json":
      '{"type":"module","exports":{".":{"import":"./m.js"}}}',
    "node_modules/@agent-orchestrator/notifier-mine/m.js": `${manifest("notifier")}${notify}`,
    "node_modules/ao-plugin-notifier-other/package.json": '{"main":"lib"}',
    "node_modules/ao-plugin-notifier-other/lib/index.js":
      'exports.manifest = { name: "other", slot: "notifier", description: "", version: "1" };\nexports.create = () => ({ notify() {} });\n',
    "node_modules/@acme/fast/package.json": '{"exports":"./fast.mjs"}',
    "node_modules/@acme/fast/fast.mjs": `const manifest = { name: "fast", slot: "notifier", description: "", version: "1" };\nexport default { manifest, create: () => ({ notify() {} }) };\n`,
    "node_modules/declared/package.json": '{"module":"./x.mjs"}',
    "node_modules/declared/x.mjs": `${manifest("notifier", "by-declaration")}${notify}`,
    "plugins/mine.ts": `${manifest("notifier")}${notify}`,
    "plugins/named.mjs": `${manifest("notifier", "named")}${notify}`,
    "plugins/common.cjs":
      'module.exports = { manifest: { name: "common", slot: "notifier", description: "", version: "1" }, create() { return { notify() {} } } };\n',
  };
  const config =
    "plugins: [declared, { path: plugins/mine.ts }, { path: './${PLUGIN_DIR}/named.mjs' }, { path: plugins/common.cjs }]\n" +
    'notifiers: { mine: {}, other: {}, fast: { plugin: "@acme/fast" } }\n';

  it.each([
    ["desktop", "builtin notifier-desktop"],
    ["mine", "package @agent-orchestrator/notifier-mine"],
    ["other", "package ao-plugin-notifier-other"],
    ["@acme/fast", "package @acme/fast"],
    ["by-declaration", "package declared"],
    ["declared", "package declared"],
    ["named", "path /plugins/named.mjs"],
    ["common", "path /plugins/common.cjs"],
  ])("%s: built in before npm packages before local paths", async (name, expected) => {
    const sandbox = registrySandbox(config, files);
    const plugin = await sandbox.plugin("notifier", name);
    const where = plugin.origin.where.replace(sandbox.repo, "");
    expect(`${plugin.origin.kind} ${where}`.startsWith(expected)).toBe(true);
    const instance = await createInstance<object>(plugin, { options: {}, context: TEST_CONTEXT });
    expect(Object.keys(instance)).toContain("notify");
  });

  it("never by a bare package name, because a package with a plugin's name is somebody else's", async () => {
    const sandbox = registrySandbox("projects: { shop: {} }", {
      "node_modules/web/package.json": '{"main":"i.js"}',
      "node_modules/web/i.js": "globalThis.canary = true;",
    });
    expect(await failure(sandbox.plugin("terminal", "web"))).toMatchObject({ code: "NOT_FOUND" });
    expect((globalThis as Record<string, unknown>).canary).toBe(undefined);
  });

  it("or reported as part of a later release, or as unknown, with the available ones", async () => {
    const sandbox = registrySandbox("projects: { shop: {} }");
    expect(await failure(sandbox.plugin("agent", "claude-code"))).toEqual({
      code: "UNAVAILABLE",
      message: "the agent plugin `claude-code` is not part of this release (0.1.0)",
      hint: "It has none for agent yet. Set `agent:` to another, or install a plugin of this name.",
    });
    expect(await failure(sandbox.plugin("notifier", "dekstop"))).toMatchObject({
      code: "NOT_FOUND",
      message: "there is no notifier plugin `dekstop`; did you mean `desktop`?",
    });
    expect(await failure(sandbox.plugin("notifier", "constructor"))).toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a plugin that can't be used fails with one error that names its file", () => {
  const create = "export const create = () => ({ notify() {} });";
  it.each([
    ["a syntax error", "export const = ;", "can't be loaded: "],
    ["a throw at import", "throw new Error('no luck');", "can't be loaded: no luck"],
    ["something else than an error thrown", "throw null;", "can't be loaded: null"],
    ["a module that is not there", "import 'not-there';", "can't be loaded: Cannot find module 'not-there'"],
    ["no exports", "const x = 1;", "exports neither `manifest` nor `create`"],
    ["no manifest", create, "has no usable manifest"],
    ["an unknown slot", `${manifest("lifecycle")}${create}`, "manifest.slot: must be one of runtime, agent"],
    [
      "no version",
      `export const manifest = { name: "mine", slot: "notifier", description: "" };${create}`,
      "manifest.version",
    ],
    ["a name that is a path", `${manifest("notifier", "../x")}${create}`, "manifest.name: must be a plain name"],
    ["no create", manifest("notifier"), "has no function `create`"],
    ["another slot", `${manifest("tracker")}${create}`, "is for the slot tracker, not for notifier"],
  ])("%s", async (_, text, expected) => {
    const sandbox = registrySandbox(ONE, { "plugins/one.ts": text });
    const { code, message } = await failure(sandbox.plugin("notifier", "mine"));
    expect(code).toBe("PLUGIN");
    expect(message).toContain(join(sandbox.repo, "plugins/one.ts"));
    expect(message).toContain(expected);
    expect(message).not.toContain("\n");
  });

  it.each([
    ["create throws", "() => { throw new Error('bad day') }", "failed in `create`: bad day"],
    ["create rejects", "async () => { throw new TypeError('later') }", "failed in `create`: later"],
    ["create answers nothing", "() => {}", "returns nothing from `create`"],
    ["a method is missing", "() => ({ notify: 1 })", "lacks notify(), which the slot notifier requires"],
  ])("when %s", async (_, text, expected) => {
    const sandbox = registrySandbox(ONE, { "plugins/one.ts": `${manifest("notifier")}export const create = ${text};` });
    const plugin = await sandbox.plugin("notifier", "mine");
    const { code, message } = await failure(createInstance(plugin, { options: {}, context: TEST_CONTEXT }));
    expect([code, message]).toEqual(["PLUGIN", expect.stringContaining(expected)]);
    expect(message).toContain(join(sandbox.repo, "plugins/one.ts"));
  });

  it("but does not hide the others, so only what uses the broken one fails", async () => {
    const sandbox = registrySandbox("plugins: [{ path: ./a.ts }, { path: ./b.ts }, { path: ./c.ts }]\n", {
      "a.ts": "throw 1",
      "b.ts": `${manifest("notifier", "good")}${create}`,
    });
    expect((await sandbox.plugin("notifier", "good")).manifest.name).toBe("good");
    expect((await failure(sandbox.plugin("notifier", "bad"))).message).toContain("a.ts can't be loaded: 1");
    const listed = await sandbox.registry.list(sandbox.load());
    expect(listed.map(({ name, error }) => [name, error?.code ?? null])).toEqual([
      ["desktop", null],
      ["./a.ts", "PLUGIN"],
      ["good", null],
      ["./c.ts", "PLUGIN"],
    ]);
  });

  it("gives up on a plugin that never finishes loading, without blocking anything else", async () => {
    const clock = fakeClock();
    const never = "await new Promise(() => {});\nexport const x = 1;\n";
    const sandbox = registrySandbox(ONE, { "plugins/one.mjs": never });
    const file = join(sandbox.repo, "plugins/one.mjs");
    const failed = failure(importFile({ file, where: file, kind: "path", clock }));
    await clock.advance(20_000);
    expect(await failed).toMatchObject({
      code: "PLUGIN",
      message: expect.stringContaining("was not loaded within 20 s"),
    });
  });

  it("a repaired plugin is reloaded without a restart", async () => {
    const sandbox = registrySandbox(ONE, { "plugins/one.ts": "throw new Error('broken')" });
    await failure(sandbox.plugin("notifier", "mine"));
    sandbox.write("repo/plugins/one.ts", `${manifest("notifier")}${create}`);
    expect((await sandbox.plugin("notifier", "mine")).manifest.name).toBe("mine");
  });
});

describe("nothing of an untrusted config is loaded", () => {
  const canary = "globalThis.loaded = (globalThis.loaded ?? 0) + 1;\n";
  const text = `${canary}${manifest("notifier")}export const create = () => ({ notify() {} });\n`;

  it("neither a local file nor a package, and `list` shows them unopened", async () => {
    const sandbox = registrySandbox(ONE, {
      "plugins/one.ts": text,
      "node_modules/ao-plugin-notifier-other/package.json": '{"main":"i.mjs"}',
      "node_modules/ao-plugin-notifier-other/i.mjs": text,
    });
    const config = sandbox.load();
    expect(await failure(sandbox.registry.load("notifier", "mine", config))).toMatchObject({ code: "UNTRUSTED" });
    expect(await failure(sandbox.registry.load("notifier", "other", config))).toMatchObject({ code: "UNTRUSTED" });
    expect((await sandbox.registry.list(config)).map(({ error }) => error?.code ?? null)).toEqual([null, "UNTRUSTED"]);
    expect((globalThis as Record<string, unknown>).loaded).toBe(undefined);
    expect((await sandbox.registry.load("notifier", "desktop", config)).manifest.name).toBe("desktop");
  });

  it("and a path relative to the config stays in its folder, even through links", async () => {
    const sandbox = registrySandbox(
      "plugins: [{ path: ../outside.ts }, { path: ./link.ts }, { path: ~/outside.ts }]\n",
      {
        "../outside.ts": text,
      },
    );
    symlinkSync(join(sandbox.dir, "outside.ts"), join(sandbox.repo, "link.ts"));
    sandbox.trust();
    const listed = await sandbox.registry.list(sandbox.load());
    expect(listed.slice(1).map(({ name, error }) => error?.message ?? name)).toEqual([
      expect.stringContaining("the plugin ../outside.ts is outside the config's folder"),
      expect.stringContaining("the plugin ./link.ts is outside the config's folder"),
      "mine",
    ]);
  });

  it("and nothing is written next to it", async () => {
    const sandbox = registrySandbox(ONE, { "plugins/one.ts": text });
    const before = sandbox.dir;
    await sandbox.plugin("notifier", "mine");
    renameSync(join(sandbox.repo, "plugins/one.ts"), join(sandbox.repo, "plugins/two.ts"));
    const { readdirSync } = await import("node:fs");
    expect(readdirSync(join(before, "repo")).sort()).toEqual([".git", "agent-orchestrator.yaml", "plugins"]);
  });
});

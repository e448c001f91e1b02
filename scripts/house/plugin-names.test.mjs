import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { root } from "../lib.mjs";

/** Runs the house check on these files. Returns the lines of its problems. */
function house(files) {
  const dir = mkdtempSync(join(tmpdir(), "ao-house-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  const { stderr } = spawnSync(process.execPath, [join(root, "scripts/house.mjs"), dir], { encoding: "utf8" });
  return stderr.split("\n").filter((line) => line.includes("plugin-name"));
}

const PLUGINS = {
  "plugins/agent-wizard/src/manifest.ts":
    'export const manifest = { name: "wizard", slot: "agent", programs: [{ name: "wiz" }] };\n',
  "plugins/scm-hub/src/manifest.ts":
    'export const manifest = { name: "hub", slot: "scm", hosts: ["hub.example"], tokenVariables: ["HUB_TOKEN"] };\n',
  "plugins/runtime-process/src/manifest.ts": 'export const manifest = { name: "process", slot: "runtime" };\n',
};

it.each([
  ["a plugin's name", 'export const a = { plugin: "wizard" };', "wizard"],
  ["its program", 'export const a = find("wiz");', "wiz"],
  ["its host", 'export const a = url.includes("hub.example");', "hub.example"],
  ["its token", 'export const a = env["HUB_TOKEN"];', "HUB_TOKEN"],
  ["a key", "export const a = { wizard: 1 };", "wizard"],
  ["a list of names, though one is an ordinary word", 'export const a = ["process", "wizard"];', "process"],
])("the house check finds %s outside its plugin", (_what, text, name) => {
  for (const file of ["packages/daemon/src/a.ts", "packages/cli/src/output/a.ts", "packages/core/src/decide/a.ts"])
    expect(house({ ...PLUGINS, [file]: `${text}\n` })).toContainEqual(
      `${file}:1  plugin-name  ${name} belongs in its plugin's manifest`,
    );
});

it("builtin.ts, tests, plugins and ordinary words may be written anywhere", () => {
  const text = 'export const a = { plugin: "wizard", HUB_TOKEN: 1 };\n';
  const allowed = ["packages/daemon/src/builtin.ts", "packages/daemon/src/a.test.ts", "plugins/agent-wizard/src/a.ts"];
  const files = Object.fromEntries(allowed.map((file) => [file, text]));
  expect(house({ ...PLUGINS, ...files, "packages/core/src/model/b.ts": 'export const b = "process";\n' })).toEqual([]);
});

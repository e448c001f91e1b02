import { createHash } from "node:crypto";
import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { describe, expect, it } from "vitest";
import { type FindConfig, findConfig, instanceIdOf, knownIdOf } from "./find.ts";

/** `repo/` with a config, `repo/deep/er` below it, `other/` with one that ends in .yml, `home/` without. */
function place(): { dir: string; find(options: Partial<FindConfig> & { cwd: string }): string } {
  const dir = tempDir("ao-find");
  for (const folder of ["repo/deep/er", "other", "home", "tree/sub", "empty"])
    mkdirSync(join(dir, folder), { recursive: true });
  for (const file of ["repo/agent-orchestrator.yaml", "other/agent-orchestrator.yml", "tree/agent-orchestrator.yaml"]) {
    writeFileSync(join(dir, file), "");
  }
  const find = (options: Partial<FindConfig> & { cwd: string }) => {
    const found = findConfig({
      home: join(dir, "home"),
      env: {},
      ownerOf: () => null,
      ownerOfSession: () => null,
      ...options,
    });
    return `${found.via} ${found.path.slice(dir.length + 1)}`;
  };
  return { dir, find };
}

describe("an instance's config", () => {
  it("is found upward from the working folder, .yaml before .yml, the nearest first", () => {
    const { dir, find } = place();
    expect(find({ cwd: join(dir, "repo/deep/er") })).toBe("upward repo/agent-orchestrator.yaml");
    expect(find({ cwd: join(dir, "other") })).toBe("upward other/agent-orchestrator.yml");
    writeFileSync(join(dir, "other/agent-orchestrator.yaml"), "");
    expect(find({ cwd: join(dir, "other") })).toBe("upward other/agent-orchestrator.yaml");
    writeFileSync(join(dir, "repo/deep/agent-orchestrator.yml"), "");
    expect(find({ cwd: join(dir, "repo/deep/er") })).toBe("upward repo/deep/agent-orchestrator.yml");
  });

  it("is what --config names, else AO_CONFIG_PATH, else the one in a folder above; a folder stands for the config in it", () => {
    const { dir, find } = place();
    const env = { AO_CONFIG_PATH: join(dir, "other/agent-orchestrator.yml") };
    const cwd = join(dir, "repo");
    expect(find({ cwd, env })).toBe("env other/agent-orchestrator.yml");
    expect(find({ cwd, env, explicit: "agent-orchestrator.yaml" })).toBe("flag repo/agent-orchestrator.yaml");
    expect(find({ cwd, explicit: "../other" })).toBe("flag other/agent-orchestrator.yml");
    expect(() => find({ cwd, explicit: "nowhere.yaml" })).toThrow("--config: there is no config at");
    expect(() => find({ cwd, env: { AO_CONFIG_PATH: "../empty" } })).toThrow("AO_CONFIG_PATH: there is no config at");
  });

  it("is the user's own if there is no other, and otherwise missing", () => {
    const { dir, find } = place();
    expect(() => find({ cwd: join(dir, "empty") })).toThrow("no agent-orchestrator.yaml here or in a folder above");
    writeFileSync(join(dir, "home/config.yaml"), "");
    expect(find({ cwd: join(dir, "empty") })).toBe("home home/config.yaml");
    expect(find({ cwd: join(dir, "repo") })).toBe("upward repo/agent-orchestrator.yaml");
  });

  it("is the owner's inside a session's checkout: the copy there is never an instance, however it is named", () => {
    const { dir, find } = place();
    const owner = { configPath: join(dir, "repo/agent-orchestrator.yaml") };
    const ownerOf = (path: string) => (path.startsWith(join(dir, "tree")) ? owner : null);
    const expected = "session repo/agent-orchestrator.yaml";
    expect(find({ cwd: join(dir, "tree/sub"), ownerOf })).toBe(expected);
    expect(find({ cwd: join(dir, "tree"), ownerOf, explicit: "agent-orchestrator.yaml" })).toBe(expected);
    expect(find({ cwd: join(dir, "other"), ownerOf, explicit: join(dir, "tree") })).toBe(expected);
    const env = { AO_CONFIG_PATH: join(dir, "tree/agent-orchestrator.yaml") };
    expect(find({ cwd: join(dir, "other"), ownerOf, env })).toBe(expected);
    symlinkSync(join(dir, "tree"), join(dir, "alias"));
    expect(find({ cwd: join(dir, "other"), ownerOf, explicit: join(dir, "alias") })).toBe(expected);
    expect(find({ cwd: join(dir, "tree"), ownerOf, explicit: "../other" })).toBe("flag other/agent-orchestrator.yml");
  });

  it("is the owner's for every caller with a session's id, in any folder and whatever it names", () => {
    const { dir, find } = place();
    const ownerOfSession = (id: string) =>
      id === "app-1" ? { configPath: join(dir, "repo/agent-orchestrator.yaml") } : null;
    const cwd = join(dir, "other");
    const expected = "session repo/agent-orchestrator.yaml";
    expect(find({ cwd, ownerOfSession, env: { AO_SESSION_ID: "app-1" } })).toBe(expected);
    expect(find({ cwd, ownerOfSession, explicit: ".", env: { AO_SESSION_ID: "app-1" } })).toBe(expected);
    // A session of another home is unknown here.
    expect(find({ cwd, ownerOfSession, env: { AO_SESSION_ID: "web-9" } })).toBe("upward other/agent-orchestrator.yml");
  });

  it("says so if the owner's config is gone, and works in a working folder that is gone", () => {
    const { dir, find } = place();
    const ownerOf = () => ({ configPath: join(dir, "moved/agent-orchestrator.yaml") });
    expect(() => find({ cwd: join(dir, "tree"), ownerOf })).toThrow("is gone");
    rmSync(join(dir, "repo/deep/er"), { recursive: true });
    expect(find({ cwd: join(dir, "repo/deep/er") })).toBe("upward repo/agent-orchestrator.yaml");
  });
});

it("the instance's id comes from the real path of the config's folder, so a link is the same instance", () => {
  const dir = tempDir("ao-id");
  mkdirSync(join(dir, "real"));
  symlinkSync(join(dir, "real"), join(dir, "link"));
  const expected = createHash("sha256")
    .update(realpathSync(join(dir, "real")))
    .digest("hex")
    .slice(0, 12);
  expect(instanceIdOf(join(dir, "link"))).toBe(expected);
  expect(instanceIdOf(join(dir, "real"))).toBe(expected);
});

it("a config that was moved keeps its id, and a new one at its old path gets another", () => {
  const { dir } = place();
  const [first, moved] = [join(dir, "repo"), join(dir, "other")];
  const id = instanceIdOf(first);
  const known = [{ id, configPath: join(realpathSync(moved), "agent-orchestrator.yml") }];
  expect(knownIdOf(first, [])).toBe(id);
  expect(knownIdOf(moved, known)).toBe(id);
  const another = knownIdOf(first, known);
  expect(another).toMatch(/^[0-9a-f]{12}$/);
  expect(another).not.toBe(id);
  const both = [...known, { id: another, configPath: join(realpathSync(first), "agent-orchestrator.yaml") }];
  expect(knownIdOf(first, both)).toBe(another);
});

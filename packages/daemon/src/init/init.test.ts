import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { GitHost } from "@agent-orchestrator/plugin-kit/git/run";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { gitEnv, repoAt, type TempRepo, tempRepo } from "@agent-orchestrator/testkit/temp-repo";
import { describe, expect, it } from "vitest";
import { BUILTIN, EMBEDDED_DEFAULTS, isBuiltin } from "../builtin.ts";
import { findConfig } from "../config/find.ts";
import { loadConfig } from "../config/load.ts";
import { TEST_DEFAULTS } from "../config/testing/config-sandbox.ts";
import { detectProject } from "./detect.ts";
import { offerOf } from "./init-here.ts";
import { proposeConfig } from "./render.ts";
import { newConfigPath, writeConfig } from "./write.ts";

const OFFER = offerOf({ manifests: (slot) => Object.values(BUILTIN[slot]).map(({ manifest }) => manifest) });
const RELEASE = { builtin: BUILTIN, embedded: EMBEDDED_DEFAULTS };

function host(dir: string, bin?: string): GitHost {
  const env = gitEnv(dir);
  return {
    env: () => ({ ...env, PATH: bin === undefined ? "/usr/bin:/bin" : `${bin}:/usr/bin:/bin` }),
    scratch: dir,
    clock: systemClock,
  };
}

async function failure(promise: Promise<unknown> | (() => unknown)): Promise<[string, string, string | undefined]> {
  try {
    await (typeof promise === "function" ? promise() : promise);
  } catch (error) {
    if (isAoError(error)) return [error.code, error.message, error.hint];
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** Writes the proposal into its repository and reads it like every command, trusted. */
async function written(repo: TempRepo, bin?: string) {
  const found = await detectProject(repo.path, host(repo.path, bin), OFFER);
  const { text, notes } = proposeConfig(found, RELEASE);
  writeConfig(newConfigPath(found.root), text);
  const none = { ownerOf: () => null, ownerOfSession: () => null };
  const home = tempDir("ao-home");
  const at = findConfig({ cwd: repo.path, home, env: {}, ...none });
  const world = { home, userHome: home, env: {}, embedded: TEST_DEFAULTS, trustedOf: () => null, isBuiltin };
  const config = loadConfig(at, world);
  expect(config.warnings).toEqual([]);
  expect([...config.brokenProjects.values()]).toEqual([]);
  return { found, text, notes, project: config.projects[0] };
}

it("an npm repository with an ignored .env and an agent on PATH gets a config that just works", async () => {
  const repo = tempRepo({
    ".gitignore": "node_modules\n.env*\nconfig/\n",
    "package.json": JSON.stringify({
      scripts: { test: "node --test", lint: "biome check", deploy: "x" },
      dependencies: { a: "1" },
    }),
    "package-lock.json": "{}",
  });
  repo.write(".env", "A=1\n");
  repo.write(".env.local", "A=1\n");
  repo.write("node_modules/x/.env", "A=1\n");
  repo.write("packages/web/.env", "A=1\n");
  const bin = tempDir("ao-bin");
  writeFileSync(join(bin, "codex"), "#!/bin/sh\nexit 1\n");
  chmodSync(join(bin, "codex"), 0o755);
  repo.git("remote", "add", "origin", "git@github.com:me/my-shop.git");
  const { text, notes, project } = await written(repo, bin);
  expect(text).toBe(`# What ao knows about this repository. Every key: \`ao config schema\`, docs/config.md
projects:
  repo:
    repo: me/my-shop
    tracker: github  # or \`local\`: issues as files in this repository; or \`linear\`: issues in Linear
    scm: github  # or \`local\`: pull requests, reviews and CI on this machine
    defaultBranch: main
    agent: codex  # on PATH: codex
    agentConfig:
      permissions: edits  # edits and commits without asking, and runs what is allowed below; default: asks more often
      allow: [npm test, npm run lint]  # prefixes of command lines
    copy: [".env*", packages/web/.env]  # ignored files that every checkout needs
    postCreate: [npm ci]  # prepares a new checkout
    # agentRules: |
    #   Run the tests before you commit.
    # reactions:
    #   approved-and-green: { auto: true, action: auto-merge }
`);
  expect(notes).toEqual([
    "agent: codex, which edits freely, and asks before it runs anything that is not in `allow`",
    "issues, pull requests and CI: me/my-shop; `ao doctor` checks whether ao can reach it",
  ]);
  expect(project).toMatchObject({
    id: "repo",
    sessionPrefix: "repo",
    copy: [".env*", "packages/web/.env"],
    postCreate: ["npm ci"],
  });
});

it("a repository without any clues gets the shortest config and notes about what to fill in", async () => {
  const { notes, project, text } = await written(tempRepo());
  expect(project).toMatchObject({
    agentConfig: { command: "my-agent", args: ["{promptFile}"] },
    postCreate: [],
    copy: [],
  });
  expect(text).toContain("# put your program here");
  expect(notes.join("\n")).toContain("No agent program that ao knows is on PATH");
  expect(notes.join("\n")).toContain("No tests were found");
});

describe("tool chains", () => {
  it.each<[string, Record<string, string>, string[], string[]]>([
    [
      "pnpm by its lock",
      { "package.json": '{"scripts":{"test":"x","build":"y"}}', "pnpm-lock.yaml": "" },
      ["pnpm install --frozen-lockfile"],
      ["pnpm test", "pnpm run build"],
    ],
    [
      "yarn by packageManager",
      { "package.json": '{"packageManager":"yarn@4.1.0","scripts":{"test":"x"},"devDependencies":{"a":"1"}}' },
      ["yarn install"],
      ["yarn test"],
    ],
    [
      "npm without a lock, never writing one",
      { "package.json": '{"dependencies":{"a":"1"}}' },
      ["npm install --no-package-lock"],
      [],
    ],
    [
      "npm without dependencies",
      { "package.json": '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}' },
      [],
      [],
    ],
    [
      "bun",
      { "package.json": '{"scripts":{"test":"bun test"}}', "bun.lock": "" },
      ["bun install --frozen-lockfile"],
      ["bun test"],
    ],
    ["a package.json that is broken", { "package.json": "{" }, [], []],
    ["a package.json that is a list", { "package.json": "[1]" }, [], []],
    ["cargo", { "Cargo.toml": "" }, [], ["cargo test"]],
    ["go", { "go.mod": "" }, [], ["go test ./..."]],
    ["uv", { "pyproject.toml": "", "uv.lock": "" }, ["uv sync"], ["uv run pytest"]],
    ["python with tests", { "pyproject.toml": "", "tests/t.py": "" }, [], ["python -m pytest"]],
    ["make, when nothing else has tests", { Makefile: "all:\n\techo\ntest: all\n\techo\n" }, [], ["make test"]],
    ["make with a variable of that name", { Makefile: "test:=1\nall:\n" }, [], []],
    [
      "rust and node together",
      { "package.json": '{"scripts":{"test":"x"}}', "Cargo.toml": "" },
      [],
      ["npm test", "cargo test"],
    ],
  ])("%s", async (...[, files, postCreate, runs]) => {
    const { project } = await written(tempRepo(files));
    expect(project?.postCreate).toEqual(postCreate);
    const ci = (project?.scm.options.ci ?? []) as { name: string; run: string }[];
    expect(ci.map(({ run }) => run)).toEqual(runs);
    expect(new Set(ci.map(({ name }) => name)).size).toBe(ci.length);
  });
});

describe("the default branch", () => {
  it("is the remote's, else main or master, else the one that is checked out", async () => {
    const origin = tempRepo();
    origin.git("branch", "-m", "trunk");
    const clone = join(tempDir("ao-clone"), "clone");
    origin.git("clone", "-q", origin.path, clone);
    origin.git("-C", clone, "checkout", "-q", "-b", "feature");
    expect((await detectProject(clone, host(clone), OFFER)).defaultBranch).toBe("trunk");

    const plain = tempRepo();
    plain.git("checkout", "-q", "-b", "feature");
    expect((await detectProject(plain.path, host(plain.path), OFFER)).defaultBranch).toBe("main");
    plain.git("branch", "-D", "main");
    expect((await detectProject(plain.path, host(plain.path), OFFER)).defaultBranch).toBe("feature");
  });
});

describe("an obstacle is reported with what to do about it", () => {
  it("no repository, a bare one, one without a commit; from a subfolder, the config goes to the top", async () => {
    const dir = tempDir("ao-none");
    expect(await failure(detectProject(dir, host(dir), OFFER))).toEqual([
      "CONFIG",
      `${dir} is not in a git repository`,
      "Run `git init` here, or go to a folder of your repository.",
    ]);
    const repo = tempRepo({ "deep/er/x": "" });
    expect((await detectProject(join(repo.path, "deep/er"), host(dir), OFFER)).root).toBe(repo.path);
    repo.git("clone", "-q", "--bare", repo.path, join(dir, "bare"));
    expect((await failure(detectProject(join(dir, "bare"), host(dir), OFFER)))[1]).toContain("is a bare repository");
    mkdirSync(join(dir, "fresh"));
    repo.git("init", "-q", join(dir, "fresh"));
    expect(await failure(detectProject(join(dir, "fresh"), host(dir), OFFER))).toEqual([
      "CONFIG",
      `${join(dir, "fresh")} has no commit yet`,
      expect.stringContaining("Make a first commit"),
    ]);
  });

  it("no git at all", async () => {
    const repo = tempRepo();
    const nothing = { ...host(repo.path), env: () => ({ PATH: "/nonexistent" }) };
    expect((await failure(detectProject(repo.path, nothing, OFFER)))[0]).toBe("UNAVAILABLE");
  });

  it("an existing config is never touched, not even a dangling link", async () => {
    const repo = tempRepo({ "agent-orchestrator.yml": "port: 1\n" });
    expect(await failure(() => newConfigPath(repo.path))).toEqual([
      "REFUSED",
      `there is already a config: ${join(repo.path, "agent-orchestrator.yml")}`,
      "Run `ao config validate` to check it, and `ao trust` to let it run.",
    ]);
    const other = tempRepo();
    const path = newConfigPath(other.path);
    symlinkSync(join(other.path, "elsewhere"), path);
    expect((await failure(() => writeConfig(path, "x")))[0]).toBe("REFUSED");
    expect(existsSync(join(other.path, "elsewhere"))).toBe(false);
    expect(readFileSync(join(repo.path, "agent-orchestrator.yml"), "utf8")).toBe("port: 1\n");
  });
});

it("a folder with a hostile name and hostile branch names still give a config that is read as intended", async () => {
  const dir = tempDir("ao-hostile");
  const repo = repoAt(join(dir, "x: &y {}\n#"));
  repo.git("branch", "-m", "a#b{c}");
  const { project } = await written(repo);
  expect(project?.id).toBe("x-y");
  expect(project?.defaultBranch).toBe("a#b{c}");
});

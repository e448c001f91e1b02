import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { SURROUNDINGS, withoutSurroundings } from "./surroundings.ts";

const kept = (env: Record<string, string>) => Object.keys(withoutSurroundings(env));

it.each(execFileSync("git", ["rev-parse", "--local-env-vars"], { encoding: "utf8" }).trim().split("\n"))(
  "%s, which git calls local to a repository, reaches no other one",
  (name) => expect(kept({ [name]: "x" })).toEqual([]),
);

it.each([
  ["the author of a commit under way", { GIT_AUTHOR_NAME: "a", GIT_COMMITTER_DATE: "1 +0000" }, []],
  ["settings by environment", { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "core.bare", GIT_CONFIG_VALUE_0: "true" }, []],
  ["where a search for a repository ends", { GIT_CEILING_DIRECTORIES: "/w", GIT_DISCOVERY_ACROSS_FILESYSTEM: "1" }, []],
  [
    "how one call of git was made",
    { GIT_NO_LAZY_FETCH: "1", GIT_OPTIONAL_LOCKS: "0", GIT_NOTES_REF: "refs/notes/x" },
    [],
  ],
  ["the difftool around us", { GIT_DIFF_TOOL: "vim", GIT_DIFFTOOL_EXTCMD: "ao diff", GIT_MERGETOOL_GUI: "true" }, []],
  ["a trace", { GIT_TRACE: "1", GIT_TRACE2_EVENT: "/t", GIT_TRACE_PACKET: "1", GIT_TRACE2_PARENT_SID: "x" }, []],
  ["git's word for no editor", { GIT_EDITOR: ":", GIT_SEQUENCE_EDITOR: ":" }, []],
  ["the user's editor", { GIT_EDITOR: "vim", GIT_SEQUENCE_EDITOR: "rebase-ui" }, ["GIT_EDITOR", "GIT_SEQUENCE_EDITOR"]],
  ["the git that runs a hook", { GIT_PREFIX: "", GIT_EXEC_PATH: "/usr/lib/git-core" }, []],
  ["the user's own git", { GIT_EXEC_PATH: "/opt/git/libexec" }, ["GIT_EXEC_PATH"]],
  ["a make around us", { MAKELEVEL: "1", MAKEFLAGS: "--jobserver-auth=3,4" }, []],
  ["the user's flags for make", { MAKEFLAGS: "-j8" }, ["MAKEFLAGS"]],
  ["a bundle around us", { BUNDLE_BIN_PATH: "/b", BUNDLE_GEMFILE: "/repo/Gemfile", RUBYOPT: "-rbundler/setup" }, []],
  ["the user's Gemfile", { BUNDLE_GEMFILE: "/g" }, ["BUNDLE_GEMFILE"]],
  ["npm's script", { npm_lifecycle_event: "x", npm_package_json: "/p", npm_config_local_prefix: "/p" }, []],
  ["npm's settings", { npm_config_registry: "r", npm_config_cache: "c" }, ["npm_config_registry", "npm_config_cache"]],
  ["a debugger", { NODE_OPTIONS: "--inspect-brk=0 --inspect", VSCODE_INSPECTOR_OPTIONS: "{}" }, []],
  ["where and on what the caller sits", { PWD: "/p", OLDPWD: "/o", COLUMNS: "80", TMUX_PANE: "%1" }, []],
])("%s", (_, env, expected) => expect(kept(env as Record<string, string>)).toEqual(expected));

it("flags of a debugger go, the user's own for Node stay", () => {
  const env = { NODE_OPTIONS: "--max-old-space-size=4096 --inspect-brk=127.0.0.1:0 --enable-source-maps" };
  expect(withoutSurroundings(env)).toEqual({ NODE_OPTIONS: "--max-old-space-size=4096 --enable-source-maps" });
});

it("access, proxies, tools and preferences of the user stay", () => {
  const names =
    "HOME PATH USER LOGNAME SHELL LANG LC_ALL TERM TZ TMPDIR SSH_AUTH_SOCK SSH_ASKPASS GPG_TTY HTTPS_PROXY no_proxy " +
    "GIT_SSH GIT_SSH_COMMAND GIT_ASKPASS GIT_SSL_CAINFO GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM GIT_PAGER GIT_TOKEN GIT_COMMIT " +
    "GIT_TEMPLATE_DIR VIRTUAL_ENV CONDA_PREFIX DIRENV_DIFF DIRENV_DIR HUSKY PRE_COMMIT_HOME NODE_EXTRA_CA_CERTS NODE_PATH " +
    "ANTHROPIC_API_KEY XDG_CONFIG_HOME CARGO_HOME CARGO_TARGET_DIR NPM_TOKEN";
  const env = Object.fromEntries(names.split(" ").map((name) => [name, "x"]));
  expect(withoutSurroundings(env)).toEqual(env);
});

it("the page about the environment gives every name its reason", () => {
  const page = readFileSync(new URL("../../../../docs/environment.md", import.meta.url), "utf8");
  const names = SURROUNDINGS.flatMap((rule) => rule.names);
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

describe("what real git hands to its programs", () => {
  const dir = mkdtempSync(join(tmpdir(), "ao-hook-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const env = { PATH: process.env.PATH ?? "", HOME: dir, GIT_CONFIG_NOSYSTEM: "1" };
  const git = (...args: string[]) => execFileSync("git", args, { cwd: dir, env, encoding: "utf8", stdio: "pipe" });
  const gitNames = (text: string) =>
    kept(Object.fromEntries(text.split("\0").flatMap((entry) => splitOnce(entry)))).filter((name) => /^GIT/.test(name));

  it.each([
    ["a hook", () => git("commit", "-q", "--allow-empty", "-m", "x", "--author=A <a@b>")],
    ["an alias with a setting", () => git("-c", "a.b=c", "dump")],
    [
      "an alias with options for one call",
      () => git("--no-optional-locks", "--glob-pathspecs", "--no-replace-objects", "dump"),
    ],
    ["a rebase", () => git("rebase", "-q", "--force-rebase", "-x", "env -0 > out", "HEAD")],
  ])("%s: nothing of it is left", (_, act) => {
    git("init", "-q", "-b", "main");
    writeFileSync(join(dir, ".git/hooks/pre-commit"), "#!/bin/sh\nexec env -0 > out\n", { mode: 0o755 });
    for (const [key, value] of [
      ["user.name", "n"],
      ["user.email", "n@example.invalid"],
      ["alias.dump", "!env -0 > out"],
    ]) {
      git("config", key ?? "", value ?? "");
    }
    if (act.toString().includes("rebase")) git("commit", "-q", "--allow-empty", "--no-verify", "-m", "x");
    act();
    const text = readFileSync(join(dir, "out"), "utf8");
    expect(text).toContain("GIT_PREFIX=");
    expect(gitNames(text).filter((name) => name !== "GIT_CONFIG_NOSYSTEM")).toEqual([]);
  });
});

const splitOnce = (entry: string): [string, string][] => {
  const cut = entry.indexOf("=");
  return cut < 1 ? [] : [[entry.slice(0, cut), entry.slice(cut + 1)]];
};

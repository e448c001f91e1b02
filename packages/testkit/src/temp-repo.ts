import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tempDir } from "./temp-dir.ts";

/** An environment for test git: a fixed identity, no user or system config, no prompts. */
export function gitEnv(home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "/usr/bin:/bin",
    HOME: home,
    LANG: "C.UTF-8",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "Test",
    GIT_AUTHOR_EMAIL: "test@example.invalid",
    GIT_COMMITTER_NAME: "Test",
    GIT_COMMITTER_EMAIL: "test@example.invalid",
    GIT_TERMINAL_PROMPT: "0",
  };
}

export interface TempRepo {
  path: string;
  env: Record<string, string>;
  git(...args: string[]): string;
  write(file: string, text: string): void;
  /** Writes the files, commits them all and returns the commit's id. */
  commit(message: string, files?: Record<string, string>): string;
}

/** Git tidies up in the background by itself, and leaves and removes locks at any moment. A test that compares folders must not see it. */
const USER_CONFIG = `[user]
\tname = Test
\temail = test@example.invalid
[gc]
\tauto = 0
[maintenance]
\tauto = false
`;

/** A real repository with one commit on `main`. */
export function tempRepo(files: Record<string, string> = { "README.md": "# test\n" }): TempRepo {
  return repoAt(join(tempDir("ao-repo"), "repo"), files);
}

export function repoAt(path: string, files: Record<string, string> = { "README.md": "# test\n" }): TempRepo {
  mkdirSync(path, { recursive: true });
  const env = gitEnv(dirname(path));
  // Agents and CI get no author variables: they commit as whoever the config names.
  const userConfig = join(dirname(path), ".gitconfig");
  if (!existsSync(userConfig)) writeFileSync(userConfig, USER_CONFIG);
  const git = (...args: string[]) => execFileSync("git", args, { cwd: path, env, encoding: "utf8", stdio: "pipe" });
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  };
  const commit = (message: string, more: Record<string, string> = {}) => {
    for (const [file, text] of Object.entries(more)) write(file, text);
    git("add", "-A");
    git("commit", "-q", "--allow-empty", "-m", message);
    return git("rev-parse", "HEAD").trim();
  };
  git("init", "-q", "-b", "main");
  commit("first", files);
  return { path, env, git, write, commit };
}

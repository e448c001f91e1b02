import type { CommandSpec } from "../command.ts";

export const BEGIN_COMMANDS: readonly CommandSpec[] = [
  {
    name: "init",
    group: "begin",
    summary: "Write a config for a repository, or say what to fix first",
    args: "[path]",
    complete: "file",
    details:
      "Detects the remote, the default branch, installed agents, package scripts, and ignored files to copy. The config it writes is trusted.",
    options: [{ flags: "--dry-run", text: "print the config and write nothing" }],
    examples: [
      ["ao init", "for the current repository"],
      ["ao init --dry-run", "look at it first"],
    ],
    load: () => import("../commands/init.ts"),
  },
  {
    name: "spawn",
    group: "begin",
    summary: "Give an issue or a prompt to an agent in its own worktree and terminal",
    args: "[words...]",
    complete: "project",
    details:
      "The first word is the project, if it is the id of one. Inside the project's folder you can leave it out. An issue is 42, #42 or a URL. Several issues are all checked before any session starts. The command returns when the agent is running or the session is queued.",
    options: [
      { flags: "-p, --prompt <text>", text: "the task in your own words, or - to read it from stdin" },
      { flags: "-e, --edit", text: "write the task in your editor" },
      { flags: "--agent <name>", text: "agent of the session", complete: "agent" },
      { flags: "--model <name>", text: "model of the agent" },
      { flags: "--runtime <name>", text: "where the agent runs", complete: "runtime" },
      { flags: "--workspace <name>", text: "how the checkout is created", complete: "workspace" },
      { flags: "--base <branch>", text: "start from this branch, or from the branch of this session" },
      { flags: "--branch <name>", text: "work on this branch, which may exist already" },
      { flags: "--again", text: "start even if a session for the issue is running" },
      { flags: "--attach", text: "attach to its terminal" },
      { flags: "--open", text: "open its terminal with the terminal plugin" },
      { flags: "--dry-run", text: "check everything and start nothing" },
    ],
    examples: [
      ["ao spawn my-app 42", "one issue"],
      ["ao spawn 42 43 44", "three sessions, inside the project's folder"],
      ['ao spawn --prompt "upgrade the linter"', "a task without an issue"],
      ["ao spawn 42 --agent codex --attach", "choose the agent and watch it"],
    ],
    load: () => import("../commands/spawn.ts"),
  },
  {
    name: "demo",
    group: "begin",
    summary: "Play the whole loop in a throwaway repository, with scripted agents and no network",
    options: [{ flags: "--keep", text: "keep the folder" }],
    examples: [["ao demo", "takes under a minute"]],
    load: () => import("../commands/demo.ts"),
  },
];

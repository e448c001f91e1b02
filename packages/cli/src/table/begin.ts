import type { CommandSpec } from "../command.ts";

export const BEGIN_COMMANDS: readonly CommandSpec[] = [
  {
    name: "init",
    group: "begin",
    summary: "write a config for this repository, or say what to fix",
    args: "[path]",
    complete: "file",
    details:
      "Detects the remote, the default branch, agents, package scripts and ignored files to copy. What it writes is trusted.",
    options: [{ flags: "--dry-run", text: "print the config instead of writing it" }],
    examples: [
      ["ao init", "for the repository you are in"],
      ["ao init --dry-run", "look at it first"],
    ],
    load: () => import("../commands/init.ts"),
  },
  {
    name: "spawn",
    group: "begin",
    summary: "give an issue, or words of your own, to an agent in its own worktree and terminal",
    args: "[words...]",
    complete: "project",
    details:
      "The first word is the project if it is a project's id; in a project's folder it may be left out. An issue is 42, #42 or a URL. Several issues are checked first: all or none. Returns when the agent's process runs or the session is queued.",
    options: [
      { flags: "-p, --prompt <text>", text: "the task in your words; - reads it from stdin" },
      { flags: "-e, --edit", text: "write the task in your editor" },
      { flags: "--agent <name>", text: "the agent, for the session's life", complete: "agent" },
      { flags: "--model <name>", text: "the agent's model" },
      { flags: "--runtime <name>", text: "where it runs", complete: ["tmux", "process"] },
      { flags: "--workspace <name>", text: "how its checkout is made", complete: ["worktree", "clone"] },
      { flags: "--base <branch>", text: "start from this branch, or from a session's branch" },
      { flags: "--branch <name>", text: "work on this branch; one that exists is taken up" },
      { flags: "--again", text: "also when a session for the issue is alive" },
      { flags: "--attach", text: "go to its terminal" },
      { flags: "--open", text: "open its terminal with the terminal plugin" },
      { flags: "--dry-run", text: "check everything, start nothing" },
    ],
    examples: [
      ["ao spawn my-app 42", "one issue"],
      ["ao spawn 42 43 44", "three agents at once, in the project's folder"],
      ['ao spawn --prompt "upgrade the linter"', "no issue"],
      ["ao spawn 42 --agent codex --attach", "choose the agent and look over its shoulder"],
    ],
    load: () => import("../commands/spawn.ts"),
  },
  {
    name: "demo",
    group: "begin",
    summary: "the whole loop in a throw-away repository, with a scripted agent and no network",
    options: [{ flags: "--keep", text: "leave the folder behind" }],
    examples: [["ao demo", "takes under a minute"]],
    load: () => import("../commands/demo.ts"),
  },
];

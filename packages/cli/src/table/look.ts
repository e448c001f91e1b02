import type { CommandSpec } from "../command.ts";

export const LOOK_COMMANDS: readonly CommandSpec[] = [
  {
    name: "status",
    aliases: ["ls", "ps"],
    group: "look",
    summary: "Show all sessions, which of them need you, and what to do next",
    details:
      "In each group the most urgent session comes first, then the one that has waited longest. Sessions of one project stay together. " +
      "`waits` is how long a session has needed you, `for` is how long it has had its status. JSON has the same order.",
    args: "[project]",
    complete: "project",
    options: [
      { flags: "-w, --watch", text: "keep it on the screen, and ring when you are needed" },
      { flags: "-a, --all", text: "include sessions that are finished" },
      { flags: "--line", text: "print one short line for a prompt or tmux, without starting a daemon" },
    ],
    examples: [
      ["ao status", "all projects"],
      ["ao status my-app --watch", "one project, live; q quits"],
      ["ao status --json | jq '.data[].status'", "for scripts"],
      ["set -g status-right '#(ao status --line)'", "in tmux.conf"],
    ],
    load: () => import("../commands/status.ts"),
  },
  {
    name: "issues",
    group: "look",
    summary: "List the open issues of a project and the sessions that work on them",
    args: "[project]",
    complete: "project",
    details: "Only if the project's tracker can list issues.",
    examples: [
      ["ao issues", "of the current project"],
      ["ao issues shop-api", "of another project"],
    ],
    load: () => import("../commands/issues.ts"),
  },
  {
    name: "show",
    group: "look",
    summary: "Show one session and its latest output",
    args: "<session>",
    complete: "session",
    options: [{ flags: "--prompt", text: "print what the agent was told when it started, word for word" }],
    examples: [
      ["ao show app-1", "everything about it"],
      ["ao show '#42'", "by issue, pull request (PR 8), URL or branch, if exactly one running session matches"],
    ],
    load: () => import("../commands/show.ts"),
  },
  {
    name: "checks",
    group: "look",
    summary: "Show the CI checks of a session's pull request, or a check's log",
    args: "<session> [check]",
    complete: "session",
    details:
      "With --log, prints the log of the named check, or of every check that fails or cannot run; on a terminal through git's pager.",
    options: [{ flags: "--log", text: "print the log" }],
    examples: [
      ["ao checks app-1", "state, duration and log of each check"],
      ["ao checks app-1 --log", "why CI fails"],
      ["ao checks app-1 --log lint", "the log of one check, whatever its state"],
    ],
    load: () => import("../commands/checks.ts"),
  },
  {
    name: "explain",
    group: "look",
    summary: "Explain a session's status: the facts, the rule, and the reactions",
    args: "<session>",
    complete: "session",
    examples: [["ao explain app-1", "why it has its status"]],
    load: () => import("../commands/explain.ts"),
  },
  {
    name: "events",
    group: "look",
    summary: "Print the log of events, of one session or of all",
    args: "[session]",
    complete: "session",
    options: [
      { flags: "-f, --follow", text: "print new events as they happen" },
      { flags: "-n, --limit <count>", text: "number of events from the end (100)" },
      { flags: "--after <seq>", text: "only events after this sequence number" },
      { flags: "-a, --all", text: "include internal records of ao" },
    ],
    examples: [
      ["ao events app-1", "events of one session"],
      ["ao events --follow --json", "one JSON document per line"],
    ],
    load: () => import("../commands/events.ts"),
  },
  {
    name: "path",
    group: "look",
    summary: "Print the path of a session's worktree",
    args: "<session>",
    complete: "session",
    examples: [['cd "$(ao path app-1)"', "change to it"]],
    load: () => import("../commands/path.ts"),
  },
  {
    name: "diff",
    group: "look",
    summary: "Show what a session changed, from the merge base to its working copy, untracked files included",
    args: "<session> [path...]",
    complete: "session",
    details:
      "On a terminal it follows your git settings (colours, prefixes, context, pager). Piped, it is a patch that `git apply` accepts, whatever your settings are.",
    options: [
      { flags: "--stat", text: "show one line per file" },
      { flags: "--staged", text: "show only what is staged, compared with the last commit" },
    ],
    examples: [
      ["ao diff app-1", "read it"],
      ["ao diff app-1 src/date.ts", "one file or folder"],
      ["ao diff app-1 --stat", "which files changed"],
      ["ao diff app-1 | git apply", "apply the changes to your own checkout"],
    ],
    load: () => import("../commands/diff.ts"),
  },
  {
    name: "wait",
    group: "look",
    summary: "Block until a session reaches a status",
    args: "<session>",
    complete: "session",
    details:
      "Exits with 0 if the session has the status now or reaches it while the command waits, with 1 if the session ends in another way, and with 75 after the timeout.",
    options: [
      { flags: "--until <statuses>", text: "one or more statuses, separated by commas", complete: "status" },
      { flags: "--timeout <duration>", text: "give up after this time" },
    ],
    examples: [["ao wait app-1 --until mergeable,merged --timeout 10m", "for scripts"]],
    load: () => import("../commands/wait.ts"),
  },
];

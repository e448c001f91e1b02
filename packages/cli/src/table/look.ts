import type { CommandSpec } from "../command.ts";

export const LOOK_COMMANDS: readonly CommandSpec[] = [
  {
    name: "status",
    aliases: ["ls", "ps"],
    group: "look",
    summary: "Show the sessions: needs you · ready to merge · working · waiting · queued, and what to do next",
    details:
      "In each group the most urgent session comes first, then the one that has waited longest; sessions of one project stay together. " +
      "`waits` is the time for which a session has needed you, `for` the time in its status. JSON is in the same order.",
    args: "[project]",
    complete: "project",
    options: [
      { flags: "-w, --watch", text: "keep it on the screen; rings when you are needed" },
      { flags: "-a, --all", text: "also those that ended as wanted" },
      { flags: "--line", text: "one short line for a prompt or tmux; starts nothing" },
    ],
    examples: [
      ["ao status", "everything"],
      ["ao status my-app --watch", "one project, live; q quits"],
      ["ao status --json | jq '.data[].status'", "for scripts"],
      ["set -g status-right '#(ao status --line)'", "in tmux.conf"],
    ],
    load: () => import("../commands/status.ts"),
  },
  {
    name: "issues",
    group: "look",
    summary: "list the open issues of a project, and which session works on each",
    args: "[project]",
    complete: "project",
    details: "As far as the project's tracker can list them.",
    examples: [
      ["ao issues", "of the project you are in"],
      ["ao issues shop-api", "of another one"],
    ],
    load: () => import("../commands/issues.ts"),
  },
  {
    name: "show",
    group: "look",
    summary: "one session, with its last output",
    args: "<session>",
    complete: "session",
    options: [{ flags: "--prompt", text: "what the agent was told at its starts, word for word" }],
    examples: [
      ["ao show app-1", "all that is known"],
      ["ao show '#42'", "by issue, pull request (PR 8), URL or branch, where exactly one live session fits"],
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
    summary: "why: facts with source and age → rule → status → reactions taken or held",
    args: "<session>",
    complete: "session",
    examples: [["ao explain app-1", "the whole chain"]],
    load: () => import("../commands/explain.ts"),
  },
  {
    name: "events",
    group: "look",
    summary: "the log of what happened, of a session or of all",
    args: "[session]",
    complete: "session",
    options: [
      { flags: "-f, --follow", text: "go on as things happen" },
      { flags: "-n, --limit <count>", text: "the last so many (100)" },
      { flags: "--after <seq>", text: "those after this sequence number" },
      { flags: "-a, --all", text: "also ao's internal records" },
    ],
    examples: [
      ["ao events app-1", "what happened to one session"],
      ["ao events --follow --json", "one document a line, as it happens"],
    ],
    load: () => import("../commands/events.ts"),
  },
  {
    name: "path",
    group: "look",
    summary: "the session's folder",
    args: "<session>",
    complete: "session",
    examples: [['cd "$(ao path app-1)"', "go there"]],
    load: () => import("../commands/path.ts"),
  },
  {
    name: "diff",
    group: "look",
    summary: "Show what a session changed, from the merge base to its working copy, untracked files included",
    args: "<session> [path...]",
    complete: "session",
    details:
      "On a terminal it follows your git settings (colours, prefixes, context, pager). Piped, it is a patch that `git apply` takes, whatever they are.",
    options: [
      { flags: "--stat", text: "one line for each file" },
      { flags: "--staged", text: "only what is staged, against the last commit" },
    ],
    examples: [
      ["ao diff app-1", "read it"],
      ["ao diff app-1 src/date.ts", "one file, or a folder"],
      ["ao diff app-1 --stat", "which files"],
      ["ao diff app-1 | git apply", "take it over into your own checkout"],
    ],
    load: () => import("../commands/diff.ts"),
  },
  {
    name: "wait",
    group: "look",
    summary: "wait for a status held now or since the call; another end is 1",
    args: "<session>",
    complete: "session",
    options: [
      { flags: "--until <statuses>", text: "one or more, with commas", complete: "status" },
      { flags: "--timeout <duration>", text: "give up after this (75)" },
    ],
    examples: [["ao wait app-1 --until mergeable,merged --timeout 10m", "for scripts"]],
    load: () => import("../commands/wait.ts"),
  },
];

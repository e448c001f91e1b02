import type { CommandSpec } from "../command.ts";

export const FINISH_COMMANDS: readonly CommandSpec[] = [
  {
    name: "review",
    group: "finish",
    summary: "Review a session's pull request",
    args: "<session>",
    complete: "session",
    options: [
      { flags: "--approve", text: "approve the commit the branch points to now" },
      { flags: "--request-changes", text: "ask the agent for changes" },
      { flags: "--comment", text: "comment without a verdict" },
      { flags: "-m, --message <text>", text: "text of the review, or - to read it from stdin" },
      { flags: "--at <place>", text: "comment on path:line[=text]; repeatable", isList: true },
      { flags: "--head <sha>", text: "commit that you reviewed" },
    ],
    examples: [
      ["ao review app-1 --approve", "approve it"],
      ['ao review app-1 --request-changes -m "no retries, please"', "the text goes to the agent"],
      ["ao review app-1 --request-changes --at src/app.ts:12='use the helper'", "comment on one line"],
    ],
    load: () => import("../commands/review.ts"),
  },
  {
    name: "merge",
    group: "finish",
    summary: "Merge a session's pull request",
    args: "<session>",
    complete: "session",
    details: "Merges exactly the commit that was checked. Asks first, unless you say --yes.",
    options: [
      { flags: "--method <method>", text: "how to merge", complete: ["merge", "squash", "rebase"], isClosed: true },
    ],
    examples: [
      ["ao merge app-1", "asks first"],
      ["ao merge app-1 --method squash --yes", "in a script"],
    ],
    load: () => import("../commands/merge.ts"),
  },
  {
    name: "kill",
    group: "finish",
    summary: "End a session's agent and all its processes",
    args: "<session...>",
    complete: "session",
    details: "The worktree, branch, pull request and conversation stay.",
    options: [
      { flags: "--rm", text: "also save the work, remove the worktree and archive the session" },
      { flags: "--drop-unreadable", text: "with --rm, lose files that cannot be read and so cannot be saved" },
    ],
    examples: [
      ["ao kill app-1", "`ao restore app-1` starts it again"],
      ["ao kill app-1 app-2 --rm", "also remove their worktrees"],
    ],
    load: () => import("../commands/kill.ts"),
  },
  {
    name: "rm",
    group: "finish",
    summary: "End sessions and remove their worktrees (short for `ao kill --rm`)",
    args: "<session...>",
    complete: "session",
    examples: [["ao rm app-1 app-2", "`ao restore` brings them and their work back"]],
    load: () => import("../commands/rm.ts"),
  },
  {
    name: "restore",
    group: "finish",
    summary: "Restore a session with its conversation and files",
    args: "<session>",
    complete: "session",
    examples: [["ao restore app-1", "works after --rm and cleanup as well"]],
    load: () => import("../commands/restore.ts"),
  },
  {
    name: "cleanup",
    group: "finish",
    summary: "Remove the worktrees that are due according to `cleanup:` in the config",
    details: "The work is saved first, and `ao restore` brings it back.",
    options: [{ flags: "--dry-run", text: "only show what would be removed, and when" }],
    examples: [
      ["ao cleanup --dry-run", "only show what is due"],
      ["ao cleanup --yes", "without asking"],
    ],
    load: () => import("../commands/cleanup.ts"),
  },
];

import type { CommandSpec } from "../command.ts";

export const FINISH_COMMANDS: readonly CommandSpec[] = [
  {
    name: "review",
    group: "finish",
    summary: "your review of a session's pull request",
    args: "<session>",
    complete: "session",
    options: [
      { flags: "--approve", text: "approve the branch's tip at this moment" },
      { flags: "--request-changes", text: "send it back" },
      { flags: "--comment", text: "only comment" },
      { flags: "-m, --message <text>", text: "the review's body; - reads it from stdin" },
      { flags: "--at <place>", text: "a comment on path:line[=text]; may be repeated", isList: true },
      { flags: "--head <sha>", text: "the commit that was read" },
    ],
    examples: [
      ["ao review app-1 --approve", "good as it is"],
      ['ao review app-1 --request-changes -m "no retries, please"', "goes to the agent"],
      ["ao review app-1 --request-changes --at src/app.ts:12='use the helper'", "on a line"],
    ],
    load: () => import("../commands/review.ts"),
  },
  {
    name: "merge",
    group: "finish",
    summary: "merge a session's pull request, only the head that was judged",
    args: "<session>",
    complete: "session",
    options: [{ flags: "--method <method>", text: "how", complete: ["merge", "squash", "rebase"], isClosed: true }],
    examples: [
      ["ao merge app-1", "asks first"],
      ["ao merge app-1 --method squash --yes", "in a script"],
    ],
    load: () => import("../commands/merge.ts"),
  },
  {
    name: "kill",
    group: "finish",
    summary: "end the agent and all its descendants; worktree, branch, PR and conversation stay",
    args: "<session...>",
    complete: "session",
    options: [
      { flags: "--rm", text: "also keep the work aside, remove the worktree and archive" },
      { flags: "--drop-unreadable", text: "with --rm: give up files that cannot be read, and so cannot be kept" },
    ],
    examples: [
      ["ao kill app-1", "`ao restore app-1` brings it back"],
      ["ao kill app-1 app-2 --rm", "and their worktrees"],
    ],
    load: () => import("../commands/kill.ts"),
  },
  {
    name: "rm",
    group: "finish",
    summary: "end sessions and remove their worktrees, as `ao kill --rm` does",
    args: "<session...>",
    complete: "session",
    examples: [["ao rm app-1 app-2", "`ao restore` brings them back"]],
    load: () => import("../commands/rm.ts"),
  },
  {
    name: "restore",
    group: "finish",
    summary: "bring a session back with its conversation and files",
    args: "<session>",
    complete: "session",
    examples: [["ao restore app-1", "also after --rm and cleanup"]],
    load: () => import("../commands/restore.ts"),
  },
  {
    name: "cleanup",
    group: "finish",
    summary: "remove what `cleanup:` in the config says is due; work is kept aside first",
    options: [{ flags: "--dry-run", text: "only say what would go, and when" }],
    examples: [
      ["ao cleanup --dry-run", "look first"],
      ["ao cleanup --yes", "without asking"],
    ],
    load: () => import("../commands/cleanup.ts"),
  },
];

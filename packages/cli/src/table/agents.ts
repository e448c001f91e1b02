import type { CommandSpec } from "../command.ts";

export const AGENT_COMMANDS: readonly CommandSpec[] = [
  {
    name: "pr create",
    group: "agents",
    summary: "the pull request of the session it is called in, the existing one if there is one",
    options: [
      { flags: "-t, --title <text>", text: "its title" },
      { flags: "-b, --body <text>", text: "its description; - reads it from stdin" },
      { flags: "--session <session>", text: "of another session", complete: "session" },
    ],
    examples: [['ao pr create --title "Fix the login"', "from within a session"]],
    load: () => import("../commands/pr-create.ts"),
  },
  {
    name: "report",
    group: "agents",
    summary: "a fact about the session it is called in",
    args: "<state>",
    complete: ["working", "waiting", "needs_input", "blocked", "done"],
    details: "One of working, waiting, needs_input, blocked, done. Kept for later where no daemon runs.",
    options: [
      { flags: "-n, --note <text>", text: "what the human should know" },
      { flags: "--session <session>", text: "of another session", complete: "session" },
    ],
    examples: [
      ["ao report done", "the agent is through"],
      ['ao report needs_input --note "which database?"', "a question for the human"],
    ],
    load: () => import("../commands/report.ts"),
  },
];

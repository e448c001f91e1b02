import type { CommandSpec } from "../command.ts";

export const AGENT_COMMANDS: readonly CommandSpec[] = [
  {
    name: "pr create",
    group: "agents",
    summary: "Open the pull request of a session, or print the one it already has",
    details: "Without --session it is the session that the command runs in.",
    options: [
      { flags: "-t, --title <text>", text: "title of the pull request" },
      { flags: "-b, --body <text>", text: "description of the pull request, or - to read it from stdin" },
      { flags: "--session <session>", text: "use this session instead", complete: "session" },
    ],
    examples: [['ao pr create --title "Fix the login"', "inside a session"]],
    load: () => import("../commands/pr-create.ts"),
  },
  {
    name: "report",
    group: "agents",
    summary: "Report what the agent of a session is doing",
    args: "<state>",
    complete: ["working", "waiting", "needs_input", "blocked", "done"],
    details:
      "The state is working, waiting, needs_input, blocked or done. Without --session it is the session that the command runs in. If no daemon is running, the report is stored for the next one.",
    options: [
      { flags: "-n, --note <text>", text: "what you should know" },
      { flags: "--session <session>", text: "use this session instead", complete: "session" },
    ],
    examples: [
      ["ao report done", "the agent has finished"],
      ['ao report needs_input --note "which database?"', "the agent has a question for you"],
    ],
    load: () => import("../commands/report.ts"),
  },
];

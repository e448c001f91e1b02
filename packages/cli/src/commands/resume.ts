import type { CommandSpec, Run } from "../command.ts";
import { setPaused } from "./pause.ts";

export const spec: CommandSpec = {
  name: "resume",
  group: "work",
  position: 40,
  summary: "Resume what was paused, by you or by a limit",
  args: "[target]",
  complete: "session",
  details:
    "If a session has reached a limit, the limit is raised by a quarter for that session, starting from what it has used.",
  examples: [
    ["ao resume", "everything"],
    ["ao resume app-1", "one session, or one that has reached a limit"],
  ],
};

export const run: Run = (input, context) => setPaused(context, { target: input.args[0], isPaused: false });

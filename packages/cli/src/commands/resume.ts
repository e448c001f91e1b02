import type { CommandSpec, Run } from "../command.ts";
import { setPaused } from "./pause.ts";

export const spec: CommandSpec = {
  name: "resume",
  group: "work",
  position: 40,
  summary: "Resume what was paused by you or by a limit, or start what waits for others",
  args: "[target]",
  complete: "session",
  details:
    "If a session has reached a limit, the limit is raised by a quarter for that session, starting from what it has used. A queued session that is not paused stops waiting for what came before it (`ao spawn --after`).",
  examples: [
    ["ao resume", "everything"],
    ["ao resume app-1", "one session, or one that has reached a limit"],
    ["ao resume app-2", "or one that waits for another: it starts without it"],
  ],
};

export const run: Run = (input, context) => setPaused(context, { target: input.args[0], isPaused: false });

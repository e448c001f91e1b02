import { AoError } from "@agent-orchestrator/core/model/errors";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CommandSpec, Context, Run } from "../command.ts";
import { runChild } from "../output/child.ts";
import { leaveHint } from "../output/leave-keys.ts";
import { keepTerminal } from "../output/terminal-modes.ts";
import { dropTypedAhead } from "../output/typed-ahead.ts";

export const spec: CommandSpec = {
  name: "attach",
  group: "work",
  position: 50,
  summary: "Show a session's terminal in this one",
  args: "<session>",
  complete: "session",
  details: "The first line says which keys leave it. The agent keeps running.",
  examples: [["ao attach app-1", "watch the agent"]],
};

export const run: Run = (input, context) => attachTo(context, input.args[0] ?? "");

/** Shows the session's terminal in ours until the user leaves it or its program ends. */
export async function attachTo(context: Context, session: string): Promise<number> {
  const { io, isJson } = context;
  const { data, meta } = await context.ask("attach", { session });
  if (isJson) {
    context.show(data, () => "", meta);
    return 0;
  }
  if (!io.isInTty || !io.isOutTty) {
    throw new AoError("UNAVAILABLE", "this is not a terminal, so nothing can be attached", {
      hint: `Run it in a terminal, or see the latest output with \`ao show ${oneLine(session)}\`.`,
    });
  }
  const hint = await leaveHint(io, data);
  io.err(`ao: ${oneLine(data.title, 80)} · ${oneLine(hint)}\n`);
  dropTypedAhead(io);
  const restore = keepTerminal(io);
  // tmux refuses to nest, so its variables are removed. This client belongs to another server.
  const { TMUX, TMUX_PANE, ...env } = io.env;
  void TMUX_PANE;
  let status = 1;
  try {
    status = (await runChild(data.argv, { env: { ...env, ...data.env } })).status;
  } finally {
    restore(status);
  }
  if (status === 0) return 0;
  throw new AoError("UNAVAILABLE", `the terminal of ${oneLine(session)} closed (${status})`, {
    hint: "Run `ao status` to see what became of the session.",
  });
}

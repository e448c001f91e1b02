import { oneLine } from "@agent-orchestrator/core/host/text";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Context, Run } from "../command.ts";
import { runChild } from "../output/child.ts";
import { leaveHint } from "../output/leave-keys.ts";
import { keepTerminal } from "../output/terminal-modes.ts";
import { dropTypedAhead } from "../output/typed-ahead.ts";

export const run: Run = (input, context) => attachTo(context, input.args[0] ?? "");

/** The session's terminal in ours, until the human leaves it or its program ends. */
export async function attachTo(context: Context, session: string): Promise<number> {
  const { io, isJson } = context;
  const { data, meta } = await context.ask("attach", { session });
  if (isJson) {
    context.show(data, () => "", meta);
    return 0;
  }
  if (!io.isInTty || !io.isOutTty) {
    throw new AoError("UNAVAILABLE", "there is no terminal here to attach", {
      hint: `Call it from a terminal; \`ao show ${oneLine(session)}\` prints its last output.`,
    });
  }
  const hint = await leaveHint(io, data);
  io.err(`ao: ${oneLine(data.title, 80)} · ${oneLine(hint)}\n`);
  dropTypedAhead(io);
  const restore = keepTerminal(io);
  // Inside tmux a client of another server is wanted, not a nested one of this: its variables would refuse that.
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

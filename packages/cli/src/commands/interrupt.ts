import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { CommandSpec, Run } from "../command.ts";

export const spec: CommandSpec = {
  name: "interrupt",
  group: "work",
  position: 20,
  summary: "Interrupt what an agent is doing",
  args: "<session...>",
  complete: "session",
  details: "Uses the agent's own way to interrupt, such as Ctrl-C or Escape.",
  examples: [["ao interrupt app-1", "stop the current turn"]],
};

export const run: Run = async (input, context) => {
  const before = await Promise.all(input.args.map((session) => context.ask("show", { session })));
  const { data, meta } = await context.ask("interrupt", { sessions: input.args });
  context.show(data, () => before.map(({ data: view }, index) => line(view, data[index])).join(""), meta);
  return 0;
};

/** Uses the state from before, since every agent is idle afterwards. */
function line({ id, activity }: SessionView, now: SessionView | undefined): string {
  const isAtWork = activity === null || !["ready", "idle", "exited"].includes(activity.state);
  // Some programs end when they are interrupted.
  if (isAtWork && now?.activity?.state === "exited")
    return `${id} was interrupted and its agent ended. Run \`ao restore ${id}\` to start it again\n`;
  if (isAtWork) return `${id} was interrupted\n`;
  return `${id} has nothing to interrupt: its agent ${activity.state === "exited" ? "has exited" : "is idle"}\n`;
}

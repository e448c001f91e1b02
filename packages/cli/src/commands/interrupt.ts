import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CommandSpec, Run } from "../command.ts";

export const spec: CommandSpec = {
  name: "interrupt",
  group: "work",
  position: 20,
  summary: "Interrupt what an agent is doing",
  args: "<session...>",
  complete: "session",
  details:
    "Uses the agent's own way to interrupt, such as Ctrl-C or Escape. Some agents leave the processes of a tool running. They are named then.",
  options: [{ flags: "--kill", text: "also end the processes that the interrupted tool leaves running" }],
  examples: [
    ["ao interrupt app-1", "stop the current turn"],
    ["ao interrupt --kill app-1", "also end what its tool left running"],
  ],
};

export const run: Run = async (input, context) => {
  const before = await Promise.all(input.args.map((session) => context.ask("show", { session })));
  const kills = input.flag("kill");
  const { data, meta } = await context.ask("interrupt", { sessions: input.args, ...(kills ? { kills } : {}) });
  context.show(data, () => before.map(({ data: view }, index) => line(view, data[index])).join(""), meta);
  return 0;
};

/** Uses the state from before, since every agent is idle afterwards. */
function line(before: SessionView, now: SessionView | undefined): string {
  const left = now?.leftRunning ?? [];
  const tools = left.map(({ command, pid }) => `  ${oneLine(command, 120)} (pid ${pid})\n`).join("");
  const still = left.length === 0 ? "" : `. Its tool still runs, and \`ao interrupt --kill ${before.id}\` ends it:`;
  const gone = left.length === 0 && before.leftRunning.length > 0 ? ". What its tool had left running has ended" : "";
  return `${whatHappened(before, now)}${still}${gone}\n${tools}`;
}

function whatHappened({ id, activity }: SessionView, now: SessionView | undefined): string {
  const isAtWork = activity === null || !["ready", "idle", "exited"].includes(activity.state);
  // Some programs end when they are interrupted.
  if (isAtWork && now?.activity?.state === "exited")
    return `${id} was interrupted and its agent ended. Run \`ao restore ${id}\` to start it again`;
  if (isAtWork) return `${id} was interrupted`;
  return `${id} has nothing to interrupt: its agent ${activity.state === "exited" ? "has exited" : "is idle"}`;
}

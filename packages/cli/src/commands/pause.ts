import { oneLine } from "@agent-orchestrator/core/model/text";
import type { ResultOf } from "@agent-orchestrator/daemon/requests";
import type { CommandSpec, Context, Run } from "../command.ts";

export const spec: CommandSpec = {
  name: "pause",
  group: "work",
  position: 30,
  summary: "Pause everything, a project or a session: no sends, starts or merges",
  args: "[target]",
  complete: "session",
  examples: [
    ["ao pause", "everything"],
    ["ao pause my-app", "one project"],
  ],
};

export const run: Run = (input, context) => setPaused(context, { target: input.args[0], isPaused: true });

export async function setPaused(
  context: Context,
  { target, isPaused }: { target: string | undefined; isPaused: boolean },
): Promise<number> {
  const { data, meta } = await context.ask("pause", { ...(target === undefined ? {} : { target }), isPaused });
  const granted = (data.granted ?? []).map((id) => oneLine(id, 60)).join(", ");
  const more = granted === "" ? "" : `Limit raised by a quarter for ${granted}.\n`;
  const human = () => `${oneLine(data.target)} ${outcomeOf(data)}\n${more}`;
  context.show(data, human, meta);
  return 0;
}

function outcomeOf({ target, isPaused, isReleased = false }: ResultOf<"pause">): string {
  if (isPaused) return "is paused: no sends, starts or merges";
  if (isReleased) return "no longer waits for others, and starts as soon as there is room";
  return target === "everything" ? "has resumed" : "is resumed";
}

import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CommandSpec, Run } from "../command.ts";

export const spec: CommandSpec = {
  name: "notify test",
  group: "set-up",
  position: 110,
  summary: "Send a test notification through every channel, or through one",
  args: "[channel]",
  examples: [["ao notify test", "every channel"]],
};

export const run: Run = async (input, context) => {
  const [channel] = input.args;
  const { data, meta } = await context.ask("notify-test", channel === undefined ? {} : { channel });
  const human = () =>
    data.length === 0
      ? "No notification channel is configured.\n"
      : data.map((row) => `${row.ok ? "✓" : "✗"} ${oneLine(row.channel)}: ${oneLine(row.text, 300)}\n`).join("");
  context.show(data, human, meta);
  return data.length > 0 && data.every(({ ok }) => ok) ? 0 : 69;
};

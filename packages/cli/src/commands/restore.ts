import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CommandSpec, Run } from "../command.ts";
import { sessionText } from "../output/session-text.ts";
import { whileStarting } from "../output/while-starting.ts";

export const spec: CommandSpec = {
  name: "restore",
  group: "finish",
  position: 50,
  summary: "Restore a session with its conversation and files",
  args: "<session>",
  complete: "session",
  examples: [["ao restore app-1", "works after --rm and cleanup as well"]],
};

export const run: Run = async (input, context) => {
  const session = input.args[0] ?? "";
  const { data, meta } = await whileStarting(context, { text: "restoring", session }, (tell) =>
    context.ask("restore", { session }, { onProgress: tell }),
  );
  const notes = data.notes.map((note) => `  note: ${oneLine(note)}\n`).join("");
  context.show(data, () => `${sessionText(data)}${notes}`, meta);
  return 0;
};

import type { CommandSpec, Run } from "../command.ts";
import { sessionText } from "../output/session-text.ts";

export const spec: CommandSpec = {
  name: "ready",
  group: "finish",
  position: 16,
  summary: "Mark a session's draft pull request as ready for review",
  args: "<session>",
  complete: "session",
  details: "With `draft: until-green` the daemon does this as soon as the checks pass.",
  examples: [["ao ready app-1", "although its checks have not passed, or with `draft: true`"]],
};

export const run: Run = async (input, context) => {
  const [session = ""] = input.args;
  const { data, meta } = await context.ask("ready", { session });
  context.show(data, () => sessionText(data), meta);
  return 0;
};

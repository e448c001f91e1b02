import { oneLine } from "@agent-orchestrator/core/host/text";
import type { Run } from "../command.ts";

export const run: Run = async (input, context) => {
  const { data, meta } = await context.ask("open", { target: input.args[0] ?? "" });
  context.show(data, () => data.opened.map((id) => `opened ${oneLine(id)}\n`).join(""), meta);
  return 0;
};

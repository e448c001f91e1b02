import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";
import type { CommandSpec, Run } from "../command.ts";

export const spec: CommandSpec = {
  name: "config show",
  group: "set-up",
  position: 80,
  summary: "Print the effective config: layers merged, defaults filled in, secrets masked",
  examples: [["ao config show", "as JSON"]],
};

export const run: Run = async (_input, context) => {
  const { data, meta } = await context.ask("config-show", {});
  context.show(
    data,
    () => ({ verbatim: `# ${oneLine(data.path)}\n${cleanForTerminal(JSON.stringify(data.config, null, 2))}\n` }),
    meta,
  );
  return 0;
};

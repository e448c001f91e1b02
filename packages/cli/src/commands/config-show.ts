import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/host/text";
import type { Run } from "../command.ts";

export const run: Run = async (_input, context) => {
  const { data, meta } = await context.ask("config-show", {});
  context.show(
    data,
    () => ({ verbatim: `# ${oneLine(data.path)}\n${cleanForTerminal(JSON.stringify(data.config, null, 2))}\n` }),
    meta,
  );
  return 0;
};

import { oneLine } from "@agent-orchestrator/core/host/text";
import type { PluginRow } from "@agent-orchestrator/core/protocol/requests";
import type { Run } from "../command.ts";
import { table } from "../output/format.ts";

export const run: Run = async (_input, context) => {
  const { data, meta } = await context.ask("plugin-list", {});
  context.show(data, () => table(data.map(cells)), meta);
  return data.some(({ problem }) => problem !== null) ? 1 : 0;
};

function cells({ slot, name, version, source, description, isDefault, problem }: PluginRow): string[] {
  const text = problem === null ? oneLine(description) : `broken: ${oneLine(problem, 300)}`;
  return [slot, `${oneLine(name)}${isDefault ? " *" : ""}`, oneLine(version), oneLine(source), text];
}
